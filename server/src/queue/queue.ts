import { EventEmitter } from "node:events";
import { Logger, type Runner, run } from "graphile-worker";
import { sql } from "kysely";
import type { Pool } from "pg";
import type { Logger as Log } from "pino";
import { QUEUE_CONNECTIONS } from "../db/connections.ts";
import { type Database, openPool, type Sql } from "../db/database.ts";
import { buryDeadWorkers, joinWorkers, type Membership } from "./workers.ts";

/**
 * Does one kind of work item. Runs again when it answers so, when it throws, or when its process dies: whatever it does, it
 * may do twice.
 */
export type WorkItemHandler = (payload: never, by: WorkItemContext) => Promise<TryAgain | undefined>;

/** The work could not be done now, and is to be tried again after a pause. */
export interface TryAgain {
  readonly againInMs: number;
}

export interface WorkItemContext {
  /** This process's number among the workers. */
  readonly worker: number;
  /** Aborted when the process stops: the handler hands its work back. */
  readonly stopping: AbortSignal;
}

/** Work items that share a number of places. Kinds do not wait for each other: none can take all places of another. */
export interface WorkKind {
  /** Work items of this kind that one process works on at once. */
  readonly concurrency: number;
  /** By the name of the work item. */
  readonly handlers: Readonly<Record<string, WorkItemHandler>>;
}

export interface QueueOptions {
  readonly databaseUrl: string;
  readonly log: Log;
  readonly kinds: readonly WorkKind[];
  /** Starts work that finds for itself what to do next: what waits for it is not in this queue. */
  readonly dispatch?: (by: WorkItemContext) => Worker;
  /** Compares what is wanted with what is there, at the start and every few seconds. */
  readonly reconcile: (worker: number) => Promise<void>;
}

export interface Worker {
  /** Stops taking work, tells the handlers to hand theirs back, and waits until they have. */
  stop(): Promise<void>;
}

const RECONCILE_EVERY_MS = 10_000;
/** The clock of the database may be a little behind ours. */
const CLOCKS_APART_MS = 50;
/** After what attempt the queue's library tries an item again that threw, in milliseconds. */
const pauseOfLibrary = (attempts: number): number => Math.exp(Math.min(attempts, 10)) * 1000;
const START_AGAIN_AFTER_MS = 1000;

/**
 * Adds a work item, in the transaction of the fact it follows. An item of the same `key` that waits is replaced; one that
 * is being worked on stays, and this one comes after it. `inMs`: not before so many milliseconds have passed.
 */
export async function enqueue(
  db: Sql,
  name: string,
  payload: object,
  { key, inMs = 0 }: { key?: string | undefined; inMs?: number } = {},
): Promise<void> {
  await sql`select graphile_worker.add_job(${name}, payload := ${JSON.stringify(payload)}::json,
            job_key := ${key ?? null}::text, max_attempts := 1000,
            run_at := now() + ${inMs} * interval '1 millisecond')`.execute(db);
}

/**
 * Works on the queue until it is stopped; also takes over what dead workers left. When the database goes away, the work
 * under way is let go, and the worker starts again, as another one, when the database is back.
 */
export async function startWorker(db: Database, options: QueueOptions): Promise<Worker> {
  let current: LiveWorker | undefined = await startOnce(db, options);
  const stopping = new AbortController();
  const stopAsked = new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve()));
  const keptAlive = keepAlive();

  async function keepAlive(): Promise<void> {
    while (!stopping.signal.aborted) {
      await Promise.race([current!.lost, stopAsked]);
      if (stopping.signal.aborted) return;
      options.log.warn("the worker lost the database; it starts again when that is back");
      const lost = current!;
      current = undefined;
      // What cannot be said to the database now, the reconciling of the next worker finds out.
      await lost.stop().catch(() => {});
      while (!current && !stopping.signal.aborted) {
        await new Promise((wake) => setTimeout(wake, START_AGAIN_AFTER_MS));
        current = await startOnce(db, options).catch((error) => {
          options.log.warn({ err: error }, "the worker cannot start yet; tried again in a moment");
          return undefined;
        });
      }
    }
  }

  return {
    async stop() {
      stopping.abort();
      await keptAlive;
      await current?.stop();
    },
  };
}

interface LiveWorker extends Worker {
  /** Resolves when it cannot go on. */
  readonly lost: Promise<void>;
}

async function startOnce(db: Database, options: QueueOptions): Promise<LiveWorker> {
  const membership = await joinWorkers(db, options.databaseUrl);
  // A pool of ours: the library does not wait until its own has ended.
  const connections = openPool(options.databaseUrl, QUEUE_CONNECTIONS);
  try {
    return await workAs({ db, membership, connections }, options);
  } catch (error) {
    await connections.close();
    // Its row stays when the database is away: the next worker buries it, its connection being closed.
    await membership.leave().catch(() => {});
    throw error;
  }
}

interface WorkerDeps {
  db: Database;
  membership: Membership;
  connections: ReturnType<typeof openPool>;
}

async function workAs({ db, membership, connections }: WorkerDeps, options: QueueOptions): Promise<LiveWorker> {
  const stopping = new AbortController();
  const reconcile = async () => {
    await buryDeadWorkers(db, membership.number);
    await options.reconcile(membership.number);
  };
  const runners = await startRunners({ db, membership, pgPool: connections.pool, stopping: stopping.signal }, options);
  const dispatched = options.dispatch?.({ worker: membership.number, stopping: stopping.signal });
  await reconcile().catch(async (error) => {
    stopping.abort();
    await dispatched?.stop();
    throw error;
  });
  const timer = setInterval(() => {
    reconcile().catch((error) => options.log.error({ err: error }, "reconciling failed; tried again in a moment"));
  }, RECONCILE_EVERY_MS);
  const ended = runners.map((runner) => runner.promise.catch(() => {}));

  return {
    lost: Promise.race([membership.lost, ...ended]),
    async stop() {
      clearInterval(timer);
      stopping.abort();
      // A runner that has ended by itself refuses to be stopped.
      await Promise.allSettled(runners.map((runner) => runner.stop()));
      await Promise.all(ended);
      await dispatched?.stop();
      await connections.close();
      await membership.leave();
    },
  };
}

interface RunnersDeps {
  db: Database;
  membership: Membership;
  pgPool: Pool;
  stopping: AbortSignal;
}

async function startRunners(deps: RunnersDeps, options: QueueOptions): Promise<Runner[]> {
  const { db, membership, stopping } = deps;
  const queueIds: string[] = [];
  const events = new EventEmitter();
  events.on("worker:create", ({ worker }: { worker: { workerId: string } }) => queueIds.push(worker.workerId));
  const wakeIn = alarm(db, options.log, stopping);
  const runners = await Promise.all(
    options.kinds.map((kind) => startRunner({ ...deps, wakeIn, events, log: options.log }, kind)),
  );
  await db.updateTable("workers").set({ queue_ids: queueIds }).where("number", "=", membership.number).execute();
  return runners;
}

/** Wakes the workers after a pause: items that are tried again later do not announce themselves. */
function alarm(db: Database, log: Log, stopping: AbortSignal): (ms: number) => void {
  const timers = new Set<NodeJS.Timeout>();
  stopping.addEventListener("abort", () => {
    for (const timer of timers) clearTimeout(timer);
  });
  return (ms) => {
    if (stopping.aborted) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      const notice = sql`select pg_notify('jobs:insert', '{"count":1}')`.execute(db);
      notice.catch((error) => log.warn({ err: error }, "the queue was not woken; it looks for itself in a moment"));
    }, ms + CLOCKS_APART_MS);
    timers.add(timer);
  };
}

interface RunnerDeps extends RunnersDeps {
  wakeIn: (ms: number) => void;
  events: EventEmitter;
  log: Log;
}

function startRunner(
  { db, membership, pgPool, stopping, wakeIn, events, log }: RunnerDeps,
  { concurrency, handlers }: WorkKind,
): Promise<Runner> {
  return run({
    pgPool,
    concurrency,
    noHandleSignals: true,
    // Notices wake the workers; the poll is for what waited when a process ended. Each worker asks, so it must be rare.
    pollInterval: 30_000,
    events,
    logger: new Logger(() => (level, message) => {
      if (level === "error" && !stopping.aborted) log.error({ queue: message });
    }),
    taskList: Object.fromEntries(
      Object.entries(handlers).map(([name, handle]) => [
        name,
        async (payload, { job }) => {
          try {
            const again = await handle(payload as never, { worker: membership.number, stopping });
            if (!again) return;
            // In the place of this item, which has been done.
            await enqueue(db, name, payload as object, { key: job.key ?? undefined, inMs: again.againInMs });
            wakeIn(again.againInMs);
          } catch (error) {
            wakeIn(pauseOfLibrary(job.attempts));
            throw error;
          }
        },
      ]),
    ),
  });
}
