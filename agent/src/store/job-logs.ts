import { isUtf8 } from "node:buffer";
import { constants, lstatSync, readlinkSync, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, opendir, readlink, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate as letOthersGo } from "node:timers/promises";
import { type CommandLineTool, type Evaluator, type Job, type Outputs, savedLogs, shellLine, toolFault } from "@causeway/cwl";
import type { JobLog, StoredLog } from "../order.ts";
import type { JobPlatform } from "../platform.ts";
import { type LogFile, SmallLogs } from "./small-logs.ts";

/** Lines of `job.tree.log` at most. */
const MOST_LINES = 10_000;

/** Where a job's streams go: into files of the platform's unless the tool names others. */
export const stdoutOf = (job: Job): string => job.stdout ?? join(job.directory, "job.out.log");
export const stderrOf = (job: Job): string => job.stderr ?? join(job.directory, "job.err.log");

/** What the job's streams have so far: standard output only where the tool does not redirect it. */
export const streamLogs = (job: Job): LogFile[] => [
  { name: "job.err.log", path: stderrOf(job) },
  ...(job.stdout === undefined ? [{ name: "job.out.log", path: stdoutOf(job) }] : []),
];

/** What is known of a job that ended besides its directory. */
export interface EndedJob {
  /** Absent: what the tool wants saved is not known. */
  tool?: CommandLineTool;
  evaluator?: Evaluator;
  /** Of a job that completed. */
  outputs?: Outputs | undefined;
  /** Called before a file of the tool's gets a second name, if one does. */
  beforeStoring?(): Promise<void>;
}

/**
 * Gathers the logs of a job that ended, and stores the large ones (execution-hints.md §6): the command line, its streams, the resolved inputs and
 * collected outputs, a listing of its directory, and what the tool saves. The tool may have removed what it wrote; nothing
 * of the platform's own is ever replaced by what a tool calls the same.
 */
export async function endedLogs(
  job: Job,
  { tool, evaluator, outputs, beforeStoring }: EndedJob,
  store: JobPlatform["store"],
  signal: AbortSignal,
): Promise<JobLog[]> {
  const saved = tool && evaluator ? await savedLogs(tool, job, evaluator) : { files: [], problems: [] };
  const texts = [
    { name: "cmd.log", text: shellLine(job.argv) },
    { name: "job.json", text: asToolSees(job, job.inputs) },
    ...(outputs ? [{ name: "cwl.output.json", text: asToolSees(job, outputs) }] : []),
    { name: "job.tree.log", text: [...(await treeOf(job.outdir.host)), ...saved.problems].join("\n") },
  ];
  const small = new SmallLogs();
  const large: LogFile[] = [];
  for (const { name, text } of texts)
    if (!small.add(name, Buffer.from(`${text}\n`))) large.push({ name, path: await writeText(job, name, text) });
  const streams = streamLogs(job);
  const names = new Set([...texts, ...streams].map(({ name }) => name));
  const written = [...streams, ...saved.files.filter(({ name }) => !names.has(name))];
  const files = await filesAmong(job, await small.addFiles(job, written));
  if (files.length > 0) await beforeStoring?.();
  return [...small.logs, ...(await storeLogs(job, [...large, ...files], store, signal))];
}

/**
 * Makes blobs of the logs that are there and that can be read. A tool may have made anything of a name of its own, also a
 * link to a file of the host's: what does not lie in the job's directory is none of its logs.
 */
export async function storeLogs(
  job: Job,
  logs: readonly LogFile[],
  store: JobPlatform["store"],
  signal: AbortSignal,
): Promise<StoredLog[]> {
  const stored = (await filesAmong(job, logs)).map(async ({ name, path }) => {
    try {
      return [{ name, bytes: await store(path, signal) }];
    } catch (error) {
      if (toolFault(error, { directory: dirname(path) })) return [];
      throw error;
    }
  });
  return (await Promise.all(stored)).flat();
}

async function filesAmong(job: Job, logs: readonly LogFile[]): Promise<LogFile[]> {
  if (logs.length === 0) return [];
  const own = `${await realpath(job.directory).catch(() => job.directory)}/`;
  return (await Promise.all(logs.map(async (log) => ((await isFileIn(own, log.path)) ? [log] : [])))).flat();
}

/** Writes a log of the platform's own; a driver that died after doing so has made a blob of it, which is read-only. */
export async function writeText(job: Job, name: string, text: string): Promise<string> {
  await mkdir(job.directory, { recursive: true });
  const path = join(job.directory, name);
  await rm(path, { force: true });
  await writeFile(path, `${text}\n`);
  return path;
}

/** Values with the paths that the tool sees: where things lie on this host is nobody's business. */
function asToolSees({ outdir }: Job, values: object): string {
  const { host, path } = outdir;
  const shown = (text: string) => {
    const at = text.replace(/^file:\/\//, "");
    return at.startsWith(`${host}/`) ? path + at.slice(host.length) : undefined;
  };
  return JSON.stringify(
    values,
    (key, value) => {
      if (key === "location" && typeof value === "string") return shown(value);
      if (key === "path" && typeof value === "string") return shown(value) ?? value;
      return value;
    },
    2,
  );
}

/**
 * One line a file below the directory, in the order of the names: bytes, time of change, path, where a link leads. Names
 * are bytes to the system, and a tool may take any: what is no text is shown as hexadecimal numbers.
 */
async function treeOf(directory: string): Promise<string[]> {
  const lines: string[] = [];
  const visit = async (path: Buffer, prefix: string): Promise<void> => {
    for (const name of await namesIn(path)) {
      if (lines.length >= MOST_LINES) return;
      if (lines.length % AT_ONCE === AT_ONCE - 1) await letOthersGo();
      const inner = Buffer.concat([path, SLASH, name]);
      const stats = statsOf(inner);
      const shown = prefix + shownName(name);
      const target = stats?.isSymbolicLink() ? ` -> ${shownName(readlinkSync(inner, { encoding: "buffer" }))}` : "";
      const [size, time] = stats ? [stats.size, `${stats.mtime.toISOString().slice(0, 19)}Z`] : ["?", "?"];
      lines.push(`${String(size).padStart(12)} ${time} ${shown}${stats?.isDirectory() ? "/" : ""}${target}`);
      if (stats?.isDirectory()) await visit(inner, `${shown}/`);
    }
  };
  await visit(Buffer.from(directory), "");
  if (lines.length >= MOST_LINES) lines.push(`… and more: these are the first ${MOST_LINES}`);
  return lines;
}

const SLASH = Buffer.from("/");
/** Files that are looked at before others get their turn: the look is synchronous, a few microseconds each. */
const AT_ONCE = 200;

/** It may be nested deeper than a path can be long, or be closed to everybody. */
function statsOf(path: Buffer): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

/** The names in a directory in the order of their bytes, as many as could be shown; none when it cannot be read. */
async function namesIn(path: Buffer): Promise<Buffer[]> {
  const names: Buffer[] = [];
  try {
    const entries = await opendir(path, { encoding: "latin1" as BufferEncoding, bufferSize: 1000 });
    for await (const { name } of entries) {
      names.push(Buffer.from(name, "latin1"));
      if (names.length > MOST_LINES) break;
    }
  } catch {
    // Removed, closed to everybody, or nested too deep: nothing to show.
  }
  return names.sort(Buffer.compare);
}

/** A name as one line can show it. */
const shownName = (name: Buffer): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what a line may not hold.
  (isUtf8(name) ? name.toString() : escapedBytes(name)).replace(/[\u0000-\u001f\u007f]/g, (char) => hex(char.charCodeAt(0)));

const escapedBytes = (name: Buffer): string =>
  [...name].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : hex(byte))).join("");

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, "0")}`;

async function isFileIn(directory: string, path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined);
  return real?.startsWith(directory) === true && (await lstat(path)).isFile();
}

/**
 * Opens a file of a job that may be changing it at this moment: what was opened is looked at, not the name. Undefined when
 * it is no regular file in the job's directory.
 */
export async function openOwn(job: Job, path: string): Promise<FileHandle | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (!file) return undefined;
  const own = `${await realpath(job.directory)}/`;
  if ((await file.stat()).isFile() && (await readlink(`/proc/self/fd/${file.fd}`)).startsWith(own)) return file;
  await file.close();
  return undefined;
}
