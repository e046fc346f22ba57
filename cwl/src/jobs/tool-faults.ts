import type { Job } from "../job.ts";
import { JobError } from "./job-error.ts";

/** What the system answers for names, links and rights that a command made, rather than for a disk or a host in trouble. */
const OF_THE_TOOL = new Set([
  ...["ENOENT", "ENOTDIR", "EISDIR", "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG", "EINVAL", "ENXIO", "ERR_INVALID_ARG_VALUE"],
]);

/**
 * Does work on what a job left behind. What fails because of how the command left its directory, or because of what the
 * document's expressions made of it, is the tool's fault; a disk that is full or broken is not.
 *
 * @throws JobError of kind `output` in place of such failures
 */
export async function blamingTool<T>(job: Pick<Job, "directory">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toolFault(error, job) ?? error;
  }
}

/** The failure as one of the tool's, if it is one. */
export function toolFault(error: unknown, { directory }: Pick<Job, "directory">): JobError | undefined {
  if (error instanceof JobError) return error;
  if (!(error instanceof Error)) return undefined;
  // The engine's own stack ends where values are nested thousands deep.
  if (error instanceof RangeError && /call stack/.test(error.message))
    return new JobError("output", "", "values are nested too deeply", { cause: error });
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === undefined || !OF_THE_TOOL.has(code)) return undefined;
  if (path !== undefined && !path.startsWith(`${directory}/`)) return undefined;
  const shown = error.message.replaceAll(`${directory}/`, "").replaceAll("\0", "\\0").slice(0, 500);
  return new JobError("output", "", `what the command left cannot be read: ${shown}`, { cause: error });
}
