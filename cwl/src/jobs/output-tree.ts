import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { posix } from "node:path";
import type { Job } from "../job.ts";
import type { DirectoryValue, FileValue, Value } from "../model.ts";
import { type Entry, pathOfLocation, visitEntries } from "./file-value.ts";
import type { GlobTree } from "./glob.ts";
import { JobError, shown } from "./job-error.ts";
import { sortByBytes } from "./normal-entry.ts";

/** Links followed for one path before it counts as a loop; what Linux allows. */
const HOPS = 40;

/** Where a path of the tool really is. `made`: by the command, in the output directory; else it belongs to an input. */
export interface Located {
  host: string;
  made: boolean;
  stats: Stats;
}

/**
 * What a command left behind, seen by the paths the command used. Links are followed here and nowhere else: within the
 * output directory and into the staged inputs, never anywhere else, whatever the command made of its directory.
 */
export class OutputTree implements GlobTree {
  readonly job: Job;
  /** Host paths of what was staged or mounted, by the tool's paths. The output directory is one of them. */
  readonly #known = new Map<string, { host: string; made: boolean }>();
  /** Host paths below the output directory that are directories, not links. */
  readonly #directories = new Set<string>();

  /** The tool's paths of what is mounted, by host path. */
  readonly #targets = new Map<string, string>();

  constructor(job: Job) {
    this.job = job;
    for (const { source, target } of job.mounts) {
      this.#known.set(target, { host: source, made: false });
      this.#targets.set(source, target);
    }
    // Staged inputs are known by their paths; what was staged into the output directory is found there by looking.
    const inputs = `${job.directory}/inputs`;
    const inputsTarget = this.#targets.get(inputs);
    for (const entry of job.staged) {
      if (inputsTarget === undefined || !entry.at.startsWith(`${inputs}/`)) continue;
      const host = entry.is === "link" || entry.is === "share" ? entry.source : entry.at;
      this.#known.set(inputsTarget + entry.at.slice(inputs.length), { host, made: false });
    }
    this.#known.set(job.outdir.path, { host: job.outdir.host, made: true });
    this.#targets.set(job.outdir.host, job.outdir.path);
  }

  /**
   * Where a path of the tool really is; undefined when nothing is there.
   *
   * @throws JobError of kind `output` when a link leads out, or in circles.
   */
  locate(path: string, place: string): Located | undefined {
    return this.#follow(posix.normalize(path), path, place, 0);
  }

  names(directory: string): string[] {
    const located = this.#attempt(directory);
    return located?.stats.isDirectory() ? sortByBytes(readdirSync(located.host)) : [];
  }
  exists(path: string): boolean {
    const full = `${this.job.outdir.path}/${path}`;
    // A dangling or foreign link exists too: collecting it says what is wrong with it.
    const directory = this.#attempt(posix.dirname(path) === "." ? "" : posix.dirname(path));
    if (!directory?.stats.isDirectory()) return false;
    return (
      this.#known.has(full) || lstatSync(`${directory.host}/${posix.basename(path)}`, { throwIfNoEntry: false }) !== undefined
    );
  }
  #attempt(relative: string): Located | undefined {
    const path = relative === "" ? this.job.outdir.path : `${this.job.outdir.path}/${relative}`;
    return this.locate(path, this.job.name);
  }

  #follow(path: string, asked: string, place: string, hops: number): Located | undefined {
    if (hops > HOPS) throw new JobError("output", place, `${shown(asked)} is a link that leads in circles`);
    const base = this.#baseOf(path);
    if (!base) {
      throw new JobError(
        "output",
        place,
        `${shown(asked)} ${path === asked ? "is" : `leads to ${shown(path)},`} outside the output directory and the inputs`,
      );
    }
    if (!base.made) {
      const host = base.host + path.slice(base.path.length);
      const stats = statSync(host, { throwIfNoEntry: false });
      return stats && { host, made: false, stats };
    }
    return this.#descend(base, path, asked, place, hops);
  }

  /** Walks below the output directory one component after another, for any of them may be a link. */
  #descend(base: { path: string; host: string }, path: string, asked: string, place: string, hops: number): Located | undefined {
    let host = base.host;
    let at = base.path;
    if (path === base.path) {
      const stats = lstatSync(host, { throwIfNoEntry: false });
      return stats && { host, made: true, stats };
    }
    const parts = path.slice(base.path.length + 1).split("/");
    for (const [index, part] of parts.entries()) {
      host = `${host}/${part}`;
      const last = index === parts.length - 1;
      if (last || !this.#directories.has(host)) {
        const stats = lstatSync(host, { throwIfNoEntry: false });
        if (!stats) return undefined;
        if (stats.isSymbolicLink()) {
          const target = posix.join(posix.resolve(at, readlinkSync(host)), ...parts.slice(index + 1));
          return this.#follow(target, asked, place, hops + 1);
        }
        if (last) return { host, made: true, stats };
        if (!stats.isDirectory()) return undefined;
        this.#directories.add(host);
      }
      at = `${at}/${part}`;
    }
    return undefined;
  }

  /** The known path that is `path` or the nearest directory above it. */
  #baseOf(path: string): { path: string; host: string; made: boolean } | undefined {
    for (let at = path; at !== "/" && at !== "."; at = posix.dirname(at)) {
      const known = this.#known.get(at);
      if (known) return { path: at, ...known };
    }
    return undefined;
  }

  /** The tool's path of a location that an expression returned: locations of inputs and of collected files are host paths. */
  pathOfLocation(location: string, place: string): string {
    if (!location.startsWith("/") && !/^[a-z][a-z0-9+.-]*:/i.test(location)) return posix.join(this.job.outdir.path, location);
    const path = pathOfLocation(location, place);
    for (let at = path; at !== "/"; at = posix.dirname(at)) {
      const target = this.#targets.get(at);
      if (target !== undefined) return target + path.slice(at.length);
    }
    return this.#pathsOfInputs().get(path)?.path ?? path;
  }

  #inputs: Map<string, Entry> | undefined;
  #pathsOfInputs(): Map<string, Entry> {
    if (!this.#inputs) {
      const found = new Map<string, Entry>();
      const note = (entry: Entry): void => {
        if (entry.location !== undefined) found.set(pathOfLocation(entry.location, ""), entry);
        for (const inner of (entry.class === "File" ? entry.secondaryFiles : entry.listing) ?? []) note(inner);
      };
      for (const value of Object.values(this.job.inputs)) visitEntries(value as Value, note);
      this.#inputs = found;
    }
    return this.#inputs;
  }

  /** The input at a path of the tool that is a Directory made of a listing: it lies nowhere as a whole. */
  listedInputAt(path: string): DirectoryValue | undefined {
    let found: DirectoryValue | undefined;
    const note = (entry: Entry): void => {
      if (entry.class === "Directory" && entry.location === undefined && entry.path === path) found = entry;
      if (entry.class === "Directory") entry.listing?.forEach(note);
    };
    const isMade = path === this.job.outdir.path || path.startsWith(`${this.job.outdir.path}/`);
    if (!isMade) for (const value of Object.values(this.job.inputs)) visitEntries(value as Value, note);
    return found;
  }

  /** The input that is at a host path: a file passed through keeps what is known of it. */
  inputAt(host: string): FileValue | undefined {
    const entry = this.#pathsOfInputs().get(host);
    return entry?.class === "File" ? entry : undefined;
  }
}
