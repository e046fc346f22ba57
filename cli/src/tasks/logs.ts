import { ConnectionFailure } from "@causeway/contract/client";
import type { Session } from "../connection/session.ts";
import { Refused } from "../transfers/bytes.ts";

/** A log of a job: its text, or the last lines of it. */
export interface JobLog {
  readonly job: string;
  readonly status: string;
  readonly log: string;
  readonly text: string;
}

/** What the platform writes about a job, where the others are what the job wrote and how it was called. */
const ABOUT = new Set(["job.json", "cwl.output.json", "job.tree.log"]);

/**
 * The logs of a task's jobs, by start time. `only`: jobs whose name contains it. `tail`: so many last lines of each.
 * `all`: also their inputs, outputs and the listing of what they left.
 */
export async function logsOf(
  { client }: Session,
  task: string,
  { only, tail, all = false }: { only?: string | undefined; tail?: number | undefined; all?: boolean } = {},
): Promise<JobLog[]> {
  const { jobs } = await client.getExecutionDetails({ task });
  const logs: JobLog[] = [];
  for (const job of jobs.filter(({ name }) => only === undefined || name.includes(only))) {
    for (const [log, href] of Object.entries(job.logs)) {
      if (ABOUT.has(log) && !all) continue;
      // The link is `…/files/{id}/download_info`; only the id is taken, since its host is the public one.
      const id = /\/files\/([0-9a-f]{24})\//.exec(href)?.[1];
      if (id === undefined) continue;
      const { url } = await client.getDownloadInfo({ file: id });
      const response = await fetch(url).catch((cause: unknown) => {
        throw new ConnectionFailure(url, cause);
      });
      if (!response.ok) throw new Refused(response.status, await response.text());
      logs.push({ job: job.name, status: job.status, log, text: lastLines(await response.text(), tail) });
    }
  }
  return logs;
}

function lastLines(text: string, count: number | undefined): string {
  return count === undefined ? text : text.trimEnd().split("\n").slice(-count).join("\n");
}
