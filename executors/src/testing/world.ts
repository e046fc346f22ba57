import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Executor } from "../executor.ts";
import type { JobResult, JobSpec, JobStatus } from "../job.ts";

/** A directory for one test with what its jobs need. */
export class JobWorld {
  readonly directory = mkdtempSync(join(tmpdir(), "causeway-jobs-"));
  #count = 0;

  /** A job that runs `argv` with directories of its own and its streams in files. */
  job(argv: string[], more: Partial<JobSpec> = {}): JobSpec {
    const id = more.id ?? `job-${this.#count++}`;
    const place = (name: string) => {
      const path = join(this.directory, "work", id, name);
      mkdirSync(path, { recursive: true });
      return { host: path, path };
    };
    const [outdir, tmpdir] = [place("out"), place("tmp")];
    return {
      id,
      name: id,
      argv,
      env: { HOME: outdir.path, TMPDIR: tmpdir.path, PATH: "/usr/local/bin:/usr/bin:/bin" },
      outdir,
      tmpdir,
      mounts: [],
      stdout: join(this.directory, "work", id, "stdout"),
      stderr: join(this.directory, "work", id, "stderr"),
      resources: { cores: 1, ramMiB: 64 },
      network: false,
      ...more,
    };
  }

  shell(script: string, more: Partial<JobSpec> = {}): JobSpec {
    return this.job(["/bin/sh", "-c", script], more);
  }

  stdout(job: JobSpec): string {
    return readFileSync(job.stdout!, "utf8");
  }

  stderr(job: JobSpec): string {
    return readFileSync(job.stderr!, "utf8");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Asks until the answer is there; fails after two minutes, which only something broken needs. */
export async function until<T>(what: string, ask: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await wait(5);
  }
  throw new Error(`waited in vain for ${what}`);
}

export async function statusOf(executor: Executor, id: string): Promise<JobStatus> {
  return (await executor.poll([id])).get(id)!;
}

export function untilOver(executor: Executor, id: string): Promise<JobResult> {
  return until(`the end of ${id}`, async () => {
    const status = await statusOf(executor, id);
    return status.is !== "waiting" && status.is !== "running" && status;
  });
}

/** The exit code of a job that exited; of any other the whole result, for the message of a test that fails. */
export const codeOf = (result: JobResult): number | string => (result.is === "exited" ? result.code : JSON.stringify(result));

/** The processes of this host whose command line holds `text`, without zombies. */
export function processesWith(text: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(text);
    } catch {
      return false; // it has ended meanwhile
    }
  });
}
