import { setTimeout as pause } from "node:timers/promises";
import type { JobLine } from "@causeway/contract";
import type { Database } from "../../db/database.ts";
import type { Actor } from "../../http/actor.ts";
import { ApiError } from "../../http/errors.ts";
import type { EventStream } from "../../http/event-stream.ts";
import type { Links } from "../../http/links.ts";
import { presentTask } from "../present.ts";
import type { TaskService } from "../service.ts";
import { isFinal } from "../states.ts";
import { presentJobLine, presentTaskLine, presentTaskState } from "./present.ts";
import { allJobLines, changingJobLines, newestTasks } from "./watching-queries.ts";

/** Between two looks: the shorter the more goes on. */
const LOOK_MS = { least: 500, most: 4000 };
/** A look takes this part of the time at most, however many jobs there are. */
const SHARE = 0.1;
/** Rows of others' transactions become visible after the moment that they name. */
const LATE_MS = 10_000;
const NEWEST = 50;

export interface WatchingDeps {
  db: Database;
  tasks: TaskService;
  links: Links;
}

/**
 * Follows tasks for pages that are open. It looks at the rows of what is followed, and of nothing else: work that nobody
 * looks at costs nothing more. `mayStill` is asked at every look and throws when the page's user may not any more.
 */
export function createWatching({ db, tasks, links }: WatchingDeps) {
  return {
    /** Sends `task`, `jobs` and at last `end`. */
    async task(stream: EventStream, id: string, mayStill: () => Promise<Actor>): Promise<void> {
      const open = new Map<string, string>();
      let since: Date | undefined;
      await looking(stream, async () => {
        const actor = await mayStill();
        const now = new Date();
        // The task first: when it has ended, its jobs have.
        const task = await tasks.get(actor, id);
        const before = await tasks.before([task]);
        const state = presentTaskState(task, presentTask(task, { files: new Map(), before }, links));
        const rows = since
          ? await changingJobLines(db, id, new Date(since.getTime() - LATE_MS), [...open.keys()])
          : await allJobLines(db, id);
        const jobs = changed(rows.map(presentJobLine), open);
        const events: [string, unknown][] = [["task", state]];
        if (!since || jobs.length > 0) events.push(["jobs", { all: !since, jobs }]);
        since = now;
        return { events, isOver: isFinal(task.status) };
      });
    },

    /** Sends `tasks`. @throws nothing: a project that is gone ends the stream */
    async project(stream: EventStream, named: { owner: string; project: string }, mayStill: () => Promise<Actor>): Promise<void> {
      await looking(stream, async () => {
        const { id } = await tasks.requireProject(await mayStill(), named);
        const rows = await newestTasks(db, id, NEWEST);
        return { events: [["tasks", { tasks: rows.map(presentTaskLine) }]], isOver: false };
      });
    },
  };
}

export type Watching = ReturnType<typeof createWatching>;

interface Look {
  events: [name: string, data: unknown][];
  isOver: boolean;
}

/** Looks until nothing can change any more or the page is gone, and sends of each kind of event what is new. */
async function looking(stream: EventStream, look: () => Promise<Look>): Promise<void> {
  const sent = new Map<string, string>();
  let wait = LOOK_MS.least;
  while (!stream.gone.aborted) {
    const began = performance.now();
    let found: Look;
    try {
      found = await look();
    } catch (error) {
      // Not there any more, or not theirs: the page asks again, and is told so. So it does when the database is away.
      if (!(error instanceof ApiError)) await pause(LOOK_MS.most);
      return stream.end();
    }
    let isNew = false;
    for (const [name, data] of found.events) {
      const text = JSON.stringify(data);
      if (sent.get(name) === text) continue;
      sent.set(name, text);
      stream.send(name, data);
      isNew = true;
    }
    if (found.isOver) {
      stream.send("end", {});
      return stream.end();
    }
    wait = isNew ? LOOK_MS.least : Math.min(wait * 1.3, LOOK_MS.most);
    const enough = (performance.now() - began) / SHARE;
    await pause(Math.max(wait, enough), undefined, { signal: stream.gone }).catch(() => undefined);
  }
}

/** Those lines that differ from what was sent; `open` keeps the ones that can change. */
function changed(lines: readonly JobLine[], open: Map<string, string>): JobLine[] {
  const fresh: JobLine[] = [];
  for (const line of lines) {
    const text = JSON.stringify(line);
    const isOpen = line.status === "QUEUED" || line.status === "RUNNING";
    if (open.get(line.name) === text) continue;
    fresh.push(line);
    if (isOpen) open.set(line.name, text);
    else open.delete(line.name);
  }
  return fresh;
}
