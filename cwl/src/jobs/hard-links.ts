import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import type { Job } from "../job.ts";
import { type Entry, pathOfLocation, visitEntries } from "./file-value.ts";
import { JobError, shown } from "./job-error.ts";

/**
 * Tells hard links that a command made among its own files, and to its inputs, from those to anybody else's file, which
 * would carry that file's bytes out. Nothing is read before the first file with several links turns up.
 */
export class HardLinks {
  readonly #job: Job;
  #own: Map<string, number> | undefined;
  #inputs: Map<string, string> | undefined;

  constructor(job: Job) {
    this.#job = job;
  }

  /**
   * The host path of the input that a file with several links is; undefined when all its links are in the job's directory.
   *
   * @throws JobError of kind `output` when a link is somewhere else.
   */
  inputOf(host: string, stats: Stats, path: string, place: string): string | undefined {
    const input = this.#inputFiles().get(identity(stats));
    if (input !== undefined) return input;
    if ((this.#ownFiles().get(identity(stats)) ?? 0) < stats.nlink) {
      throw new JobError("output", place, `${shown(path)} is a hard link to a file outside the job (${host})`);
    }
    return undefined;
  }

  #inputFiles(): Map<string, string> {
    if (this.#inputs) return this.#inputs;
    const found = new Map<string, string>();
    const note = (entry: Entry): void => {
      const path = entry.location === undefined ? undefined : pathOfLocation(entry.location, "");
      const stats = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
      if (stats?.isDirectory()) eachFile(path as string, (inner, innerStats) => found.set(identity(innerStats), inner));
      else if (stats) found.set(identity(stats), path as string);
      for (const inner of (entry.class === "File" ? entry.secondaryFiles : entry.listing) ?? []) note(inner);
    };
    for (const value of Object.values(this.#job.inputs)) visitEntries(value, note);
    this.#inputs = found;
    return found;
  }

  #ownFiles(): Map<string, number> {
    if (this.#own) return this.#own;
    const counts = new Map<string, number>();
    for (const directory of [this.#job.outdir.host, this.#job.tmpdir.host]) {
      eachFile(directory, (_, stats) => {
        if (stats.nlink > 1) counts.set(identity(stats), (counts.get(identity(stats)) ?? 0) + 1);
      });
    }
    this.#own = counts;
    return counts;
  }
}

/** Calls `visit` for every regular file below a directory; links are not followed. */
function eachFile(directory: string, visit: (path: string, stats: Stats) => void): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const inner = `${directory}/${entry.name}`;
    if (entry.isDirectory()) eachFile(inner, visit);
    else if (entry.isFile()) visit(inner, lstatSync(inner));
  }
}

const identity = (stats: Stats): string => `${stats.dev}:${stats.ino}`;
