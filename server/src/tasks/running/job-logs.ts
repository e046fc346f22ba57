import { lstat, mkdir, readdir, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandLineTool, type Evaluator, type Job, type Outputs, savedLogs } from "@causeway/cwl";
import type { Log } from "../../files/log-files.ts";
import type { TaskFiles } from "../../files/task-files.ts";

/** Lines of `job.tree.log` at most. */
const MOST_LINES = 10_000;

/** Where a job's streams go: into files of the platform's unless the tool names others. */
export const stdoutOf = (job: Job): string => job.stdout ?? join(job.directory, "job.out.log");
export const stderrOf = (job: Job): string => job.stderr ?? join(job.directory, "job.err.log");

/** A log where it lies on this host. */
export interface LogFile {
  name: string;
  path: string;
}

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
}

/**
 * Stores the logs of a job that ended (execution-hints.md §6): the command line, its streams, the resolved inputs and
 * collected outputs, a listing of its directory, and what the tool saves. The tool may have removed what it wrote; nothing
 * of the platform's own is ever replaced by what a tool calls the same.
 */
export async function endedLogs(job: Job, { tool, evaluator, outputs }: EndedJob, files: TaskFiles): Promise<Log[]> {
  await mkdir(job.directory, { recursive: true });
  const saved = tool && evaluator ? await savedLogs(tool, job, evaluator) : { files: [], problems: [] };
  const texts = [
    { name: "cmd.log", text: commandText(job) },
    { name: "job.json", text: asToolSees(job, job.inputs) },
    ...(outputs ? [{ name: "cwl.output.json", text: asToolSees(job, outputs) }] : []),
    { name: "job.tree.log", text: [...(await treeOf(job.outdir.host)), ...saved.problems].join("\n") },
  ];
  const written = await Promise.all(texts.map(async ({ name, text }) => ({ name, path: await writeText(job, name, text) })));
  const own = [...written, ...streamLogs(job)];
  const names = new Set(own.map(({ name }) => name));
  return storeLogs([...own, ...saved.files.filter(({ name }) => !names.has(name))], files);
}

/** Makes blobs of the logs that are there. */
export async function storeLogs(logs: readonly LogFile[], files: TaskFiles): Promise<Log[]> {
  const there = await Promise.all(logs.map(async (log) => ((await isFile(log.path)) ? [log] : [])));
  return Promise.all(there.flat().map(async ({ name, path }) => ({ name, bytes: await files.adopt(path) })));
}

export const commandText = (job: Job): string => job.argv.join(" ");

/** Writes a log of the platform's own; a driver that died after doing so has made a blob of it, which is read-only. */
export async function writeText(job: Job, name: string, text: string): Promise<string> {
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

/** One line a file below the directory, in the order of the names: bytes, time of change, path, where a link leads. */
async function treeOf(directory: string): Promise<string[]> {
  const lines: string[] = [];
  const visit = async (prefix: string): Promise<void> => {
    const entries = await readdir(join(directory, prefix), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (lines.length >= MOST_LINES) return;
      const path = join(prefix, entry.name);
      const { size, mtime } = await lstat(join(directory, path));
      const target = entry.isSymbolicLink() ? ` -> ${await readlink(join(directory, path))}` : "";
      lines.push(
        `${String(size).padStart(12)} ${mtime.toISOString().slice(0, 19)}Z ${path}${entry.isDirectory() ? "/" : ""}${target}`,
      );
      if (entry.isDirectory()) await visit(path);
    }
  };
  await visit("");
  if (lines.length >= MOST_LINES) lines.push(`… and more: these are the first ${MOST_LINES}`);
  return lines;
}

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() === true;
