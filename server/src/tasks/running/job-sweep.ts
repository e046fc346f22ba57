import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type HostAgent, removeTree } from "@causeway/agent";
import { sql } from "kysely";
import type { Database } from "../../db/database.ts";

export interface JobSweepDeps {
  db: Database;
  host: HostAgent;
  /** Of the jobs of all tasks: a directory named by its id for each. */
  directory: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Removes what platforms that were killed have left of jobs: directories of tasks that have ended or are not known, and
 * what this host has of their jobs, processes included. What ended minutes ago is left to its driver; nothing else in the
 * directory is touched. Answers how many directories.
 */
export async function sweepJobs({ db, host, directory }: JobSweepDeps): Promise<number> {
  const directories = (await readdir(directory).catch(() => [])).filter((name) => UUID.test(name));
  // A job's id begins with its task's.
  const jobs = host.recorded().filter((id) => UUID.test(taskOf(id)));
  const tasks = [...new Set([...directories, ...jobs.map(taskOf)])];
  if (tasks.length === 0) return 0;
  const { rows } = await sql<{ id: string }>`
    select id from tasks where id = any(${tasks}::uuid[])
      and (ended_at is null or ended_at > now() - interval '10 minutes')`.execute(db);
  const living = new Set(rows.map(({ id }) => id));
  const left = directories.filter((id) => !living.has(id));
  for (const job of jobs.filter((id) => !living.has(taskOf(id)))) await host.agent.remove(job);
  for (const task of left) await removeTree(join(directory, task));
  return left.length;
}

const taskOf = (job: string): string => job.slice(0, 36);
