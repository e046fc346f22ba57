import type { Outputs } from "../model.ts";
import type { JobKey, KeyParts } from "./job-key.ts";

/**
 * Remembers what jobs made, so that the same job need not run again. Implementations: memory, a directory.
 *
 * - Safe for concurrent use, by several runs and processes as well. Two that record one job at once leave one record.
 * - What `find` gives is what was recorded, byte by byte: a record that is half written, damaged or that lacks a file is
 *   no record, and is removed when it is met.
 * - A record survives the death of the process that wrote it.
 * - Files are copied (cloned where the file system can) in and out: neither the outputs' later owners nor jobs that read
 *   them can change what is kept.
 */
export interface ReuseStore {
  /**
   * The outputs recorded under a key, their files below `directory`, which is made and is the caller's from then on.
   * Undefined for a job that is not known; nothing is left in `directory` then.
   */
  find(key: string, directory: string): Promise<Found | undefined>;
  /**
   * A recorded job of a tool with the same ports: of the same tool if there is one, and with the most inputs the same.
   * Looks at a bounded number of the jobs, and so may miss a nearer one.
   */
  nearest(parts: KeyParts): Promise<RecordedJob | undefined>;
  /**
   * Keeps the outputs of a job that succeeded, with copies of their files. A record under the same key is replaced.
   *
   * @throws when the store cannot be written; then there is no record, and what was there before may be gone.
   */
  record(key: JobKey, job: JobNote, outputs: Outputs): Promise<void>;
}

/** What people are told of a recorded job. */
export interface JobNote {
  /** The step path and scatter index. */
  name: string;
  /** When it was recorded, ISO 8601. */
  at: string;
  /** The value of each input, shortened for a message. */
  shown: { [port: string]: string };
}
export interface RecordedJob extends JobNote {
  parts: KeyParts;
}
export interface Found {
  outputs: Outputs;
  job: RecordedJob;
}

/** How many jobs of a family `nearest` compares with. */
export const NEIGHBOURS = 500;

/** The one of the jobs that has most in common with `parts`: image and tool count for more than any number of inputs. */
export function nearestOf(jobs: Iterable<RecordedJob>, parts: KeyParts): RecordedJob | undefined {
  let best: RecordedJob | undefined;
  let most = -1;
  for (const job of jobs) {
    const same = job.parts;
    let score = same.tool === parts.tool ? 1e6 : 0;
    if (same.image === parts.image) score += 1e5;
    if (same.resources === parts.resources) score += 0.5;
    for (const [port, input] of Object.entries(parts.inputs)) if (same.inputs[port] === input) score++;
    if (score > most) [best, most] = [job, score];
  }
  return best;
}
