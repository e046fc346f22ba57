import { type JobDetail, WEB_OPERATIONS } from "@causeway/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { graphOf } from "../../apps/process-view.ts";
import type { AppService } from "../../apps/service.ts";
import type { Database } from "../../db/database.ts";
import type { Actor } from "../../http/actor.ts";
import { ApiError } from "../../http/errors.ts";
import { type EventStream, type OpenStreams, openEventStream } from "../../http/event-stream.ts";
import type { StrictCalls } from "../../http/strict-calls.ts";
import type { LateLogs } from "../files/late-logs.ts";
import { findJob, type JobRow } from "../running/job-queries.ts";
import type { TaskService } from "../service.ts";
import type { Watching } from "./watching.ts";
import { logSizes } from "./watching-queries.ts";

export interface WatchingRouteDeps {
  db: Database;
  tasks: TaskService;
  apps: AppService;
  lateLogs: LateLogs;
  watching: Watching;
  streams: OpenStreams;
  /** Whose request it is now: a session may have ended since it was made. @throws ApiError `unauthorized` */
  authenticate: (request: FastifyRequest) => Promise<Actor>;
}

/** What the UI shows of tasks beside the public API: graphs, jobs, and what changes. */
export function watchingRoutes(
  calls: StrictCalls,
  { db, tasks, apps, lateLogs, watching, streams, authenticate }: WatchingRouteDeps,
): void {
  calls.serve(WEB_OPERATIONS.getTaskGraph, async ({ actor, params }) => {
    const { app_revision_id: revision } = await tasks.get(actor, params.task);
    return graphOf((await apps.compiled(revision, { user: actor.username })).process);
  });

  calls.serve(WEB_OPERATIONS.getTaskJob, async ({ actor, params }) => {
    const { id } = await tasks.get(actor, params.task);
    const job = await findJob(db, id, params.job);
    if (!job) throw new ApiError("notFound", "There is no such job.");
    const logs = Object.values(job.logs);
    await lateLogs.make(logs);
    return presentJob(job, await logSizes(db, logs));
  });

  const follow = async (actor: Actor, reply: FastifyReply, work: (stream: EventStream) => Promise<void>): Promise<void> => {
    const place = streams.take(actor.id);
    const stream = openEventStream(reply);
    void work(stream).finally(() => place.release());
  };
  calls.serve(WEB_OPERATIONS.watchTask, async ({ actor, params, request, reply }) => {
    const { id } = await tasks.get(actor, params.task);
    return follow(actor, reply, (stream) => watching.task(stream, id, () => authenticate(request)));
  });
  calls.serve(WEB_OPERATIONS.watchProject, async ({ actor, params, request, reply }) => {
    await tasks.requireProject(actor, params);
    return follow(actor, reply, (stream) => watching.project(stream, params, () => authenticate(request)));
  });
}

function presentJob({ name, command_line, job, logs }: JobRow, sizes: ReadonlyMap<string, number>): JobDetail {
  const { resources, image, timeLimitSeconds, network } = job;
  return {
    name,
    command_line,
    image: image?.docker.dockerPull ?? image?.docker.dockerImageId ?? null,
    cores: resources.cores,
    memory_mib: resources.ramMiB,
    disk_mib: resources.outdirMiB + resources.tmpdirMiB,
    time_limit_seconds: timeLimitSeconds ?? null,
    network,
    logs: Object.entries(logs)
      .filter(([, file]) => sizes.has(file))
      .map(([log, file]) => ({ name: log, file, size: sizes.get(file)! })),
  };
}
