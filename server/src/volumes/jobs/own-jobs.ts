import type { Element } from "@causeway/contract";
import type { File } from "../../files/get-and-list.ts";
import type { FileService } from "../../files/service.ts";
import type { Actor } from "../../http/actor.ts";
import type { Listed } from "../../http/calls.ts";
import { ApiError } from "../../http/errors.ts";
import type { Links } from "../../http/links.ts";
import { type JobResult, jobResultsOf } from "./results.ts";

/** One kind of job, as it is shown to who started it. */
interface ShownJobKind<Job, Shown> {
  files: Pick<FileService, "getMany">;
  links: Links;
  find(ids: readonly string[]): Promise<Map<string, Job>>;
  /** The id of the file or folder that came of it. */
  resultOf(job: Job): string | null;
  /** `result` as far as the caller may read it. */
  present(job: Job, result: File | undefined, links: Links): Shown;
}

/** Jobs of volumes as they are asked for: they are known to who started them alone (volumes.md §2.10, §2.11). */
export function createOwnJobs<Job extends { id: string; user_id: string }, Shown extends { id: string }>({
  files,
  links,
  find,
  resultOf,
  present,
}: ShownJobKind<Job, Shown>) {
  return {
    /** @throws ApiError `volumeJobNotFound`, `volumeJobForbidden` */
    async get(actor: Actor, id: string): Promise<Shown> {
      const job = own(actor, (await find([id])).get(id));
      return (await shown(actor, [job]))[0]!;
    },

    /** The same of several, each with its own answer. */
    async getMany(actor: Actor, ids: readonly Element<string>[]): Promise<{ items: JobResult<Shown>[] }> {
      const found = await find(ids.flatMap((id) => ("value" in id ? [id.value] : [])));
      const seen = [...found.values()].filter(({ user_id }) => user_id === actor.id);
      const byId = new Map((await shown(actor, seen)).map((job) => [job.id, job]));
      return jobResultsOf(ids, links.baseUrl, async (id) => byId.get(own(actor, found.get(id)).id)!);
    },

    /** A page of the actor's own. */
    pageOf: async (actor: Actor, { items, total }: Listed<Job>): Promise<Listed<Shown>> => ({
      items: await shown(actor, items),
      total,
    }),
  };

  function own(actor: Actor, job: Job | undefined): Job {
    if (!job) throw new ApiError("volumeJobNotFound");
    if (job.user_id !== actor.id) throw new ApiError("volumeJobForbidden");
    return job;
  }

  async function shown(actor: Actor, jobs: readonly Job[]): Promise<Shown[]> {
    const results = await files.getMany(
      actor,
      jobs.flatMap((job) => resultOf(job) ?? []),
    );
    return jobs.map((job) => present(job, results.get(resultOf(job) ?? ""), links));
  }
}
