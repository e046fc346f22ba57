import { createHash, randomUUID } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { checksumOf } from "../jobs/checksum.ts";
import { copyTree, newCopying } from "../jobs/copying.ts";
import { dirOf } from "../jobs/file-value.ts";
import type { Outputs } from "../model.ts";
import type { JobKey, KeyParts } from "./job-key.ts";
import { type FileKeep, type PackedOutputs, packOutputs, unpackOutputs } from "./packing.ts";
import { type Found, type JobNote, NEIGHBOURS, nearestOf, type RecordedJob, type ReuseStore } from "./store.ts";

/** What has been unfinished for this long, in milliseconds, was left by a process that died. */
const ABANDONED_MS = 24 * 3600 * 1000;

/**
 * A store in a directory, which is made when it is not there and may be shared by several runs:
 *
 *     files/1a/1a2b…      bytes of outputs, by their SHA-1
 *     jobs/3c/3c4d…       one record a job, by its key: a line with the SHA-256 of the rest, and JSON
 *     families/5e6f…/<key>  the record's note, for explaining misses
 *     unfinished/         what is being written
 *
 * Everything is written aside and renamed to its place, a record after its files. Nothing is synced: what a power cut
 * leaves torn does not have its checksum, and is a miss. The directory is the owner's alone, as outputs may be.
 */
export class DirectoryReuseStore implements ReuseStore {
  readonly #directory: string;
  readonly #keep: FileKeep;
  /** By family: read once, and added to by what this process records. */
  readonly #families = new Map<string, RecordedJob[]>();

  /** @param directory an absolute path */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    mkdirSync(`${directory}/unfinished`, { recursive: true });
    this.#sweep();
    this.#keep = { take: (path) => this.#take(path), copyTo: (checksum, path) => this.#copyTo(checksum, path) };
  }

  async find(key: string, directory: string): Promise<Found | undefined> {
    const record = this.#read<{ job: RecordedJob; packed: PackedOutputs }>(this.#jobAt(key));
    if (!record) return undefined;
    const outputs = await unpackOutputs(record.packed, directory, this.#keep);
    if (outputs) return { outputs, job: record.job };
    rmSync(directory, { recursive: true, force: true });
    rmSync(this.#jobAt(key), { force: true });
    rmSync(`${this.#familyAt(record.job.parts)}/${key}`, { force: true });
    return undefined;
  }

  async nearest(parts: KeyParts): Promise<RecordedJob | undefined> {
    return nearestOf(this.#family(parts), parts);
  }

  async record({ key, parts }: JobKey, note: JobNote, outputs: Outputs): Promise<void> {
    const staging = this.#unfinished();
    mkdirSync(staging);
    try {
      const packed = await packOutputs(outputs, staging, this.#keep);
      const job: RecordedJob = { ...note, parts };
      const family = this.#family(parts);
      this.#write(this.#jobAt(key), { job, packed });
      this.#write(`${this.#familyAt(parts)}/${key}`, job);
      family.push(job);
      if (family.length > NEIGHBOURS) family.shift();
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }

  #sweep(): void {
    for (const name of readdirSync(`${this.#directory}/unfinished`)) {
      const path = `${this.#directory}/unfinished/${name}`;
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats && Date.now() - stats.mtimeMs > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
    }
  }

  #jobAt(key: string): string {
    return `${this.#directory}/jobs/${key.slice(0, 2)}/${key}`;
  }
  #fileAt(checksum: string): string {
    return `${this.#directory}/files/${checksum.slice(0, 2)}/${checksum}`;
  }
  #familyAt(parts: KeyParts): string {
    return `${this.#directory}/families/${parts.family}`;
  }
  #unfinished(): string {
    return `${this.#directory}/unfinished/${randomUUID()}`;
  }

  #family(parts: KeyParts): RecordedJob[] {
    let family = this.#families.get(parts.family);
    if (!family) {
      const directory = this.#familyAt(parts);
      const names = existsSync(directory) ? readdirSync(directory).slice(-NEIGHBOURS) : [];
      family = names.flatMap((name) => this.#read<RecordedJob>(`${directory}/${name}`) ?? []);
      this.#families.set(parts.family, family);
    }
    return family;
  }

  async #take(path: string): Promise<string> {
    chmodSync(path, 0o400);
    const checksum = (await checksumOf(path, Number.POSITIVE_INFINITY)).slice("sha1$".length);
    const target = this.#fileAt(checksum);
    mkdirSync(dirOf(target), { recursive: true });
    // Replaces the same bytes, or, where they were damaged, mends them.
    renameSync(path, target);
    return checksum;
  }

  async #copyTo(checksum: string, path: string): Promise<boolean> {
    const source = this.#fileAt(checksum);
    try {
      await copyTree(source, path, newCopying());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
    // The copy is what is checked: it is what the next job reads.
    if ((await checksumOf(path, Number.POSITIVE_INFINITY)) === `sha1$${checksum}`) return true;
    rmSync(source, { force: true });
    return false;
  }

  #write(path: string, value: unknown): void {
    const text = JSON.stringify(value);
    const unfinished = this.#unfinished();
    mkdirSync(dirOf(path), { recursive: true });
    writeFileSync(unfinished, `${sealOf(text)}\n${text}`);
    renameSync(unfinished, path);
  }

  /** What `#write` wrote, whole, or undefined: a file that is anything else is removed. */
  #read<T>(path: string): T | undefined {
    let written: string;
    try {
      written = readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const end = written.indexOf("\n");
    const text = written.slice(end + 1);
    if (end >= 0 && written.slice(0, end) === sealOf(text)) return JSON.parse(text);
    rmSync(path, { force: true });
    return undefined;
  }
}

const sealOf = (text: string): string => createHash("sha256").update(text).digest("hex");
