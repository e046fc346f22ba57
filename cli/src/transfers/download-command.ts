import { mkdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Client } from "@causeway/contract/client";
import type { Session } from "../connection/session.ts";
import { fileIdOf } from "../files/places.ts";
import { printable } from "../output/output.ts";
import { download, type RemoteFile } from "./download.ts";
import { attempt, type FailedFiles, failedFiles } from "./failed-files.ts";
import { localName } from "./local-name.ts";
import { sideBySide } from "./side-by-side.ts";
import { writeSideFile } from "./side-files.ts";
import { transferProgress } from "./transfer-progress.ts";

/** A file that was downloaded, and where to. */
export interface Downloaded {
  readonly id: string;
  readonly path: string;
  readonly size: number;
}

interface Options {
  readonly overwrite?: boolean;
  readonly skipExisting?: boolean;
  /** Metadata goes into a side file. */
  readonly meta?: boolean;
}

/** Files that are under way at once. */
const AT_ONCE = 16;

/** `causeway download`: files, and folders with everything in them. */
export async function downloadAll(
  session: Session,
  paths: readonly string[],
  { output, ...options }: Options & { output: string },
): Promise<void> {
  const failed = failedFiles();
  const done: Downloaded[] = [];
  let total = 0;
  for (const path of paths) {
    const id = await fileIdOf(session.client, path);
    const { files, count } = await downloadTo(session, id, resolve(output), options, failed);
    done.push(...files);
    total += count;
  }
  if (done.length > 0 || !failed.any) session.output.show(done, () => done.map(({ path }) => path).join("\n"));
  failed.tell(total, "downloaded");
}

/**
 * Downloads a file, or a folder as a directory, into a local directory, files side by side. What of a folder is there
 * already with its size stays, so the same call goes on where an earlier one ended. Answers what was fetched, and how many
 * files there are; those that fail do not keep the others from going on.
 */
export async function downloadTo(
  session: Session,
  id: string,
  directory: string,
  options: Options,
  failed: FailedFiles,
): Promise<{ files: Downloaded[]; count: number }> {
  const { client, output } = session;
  const found = await Array.fromAsync(filesBelow(client, id, directory));
  const done: Downloaded[] = [];
  let skipped = 0;
  const progress = await transferProgress(
    found.map(({ file }) => file),
    output.json,
  );
  const downloadOne = async ({ file, path, isInFolder }: Found, index: number): Promise<void> => {
    if (!options.overwrite && (isInFolder || options.skipExisting) && (await isThere(path, file.size))) {
      skipped++;
      return;
    }
    if (basename(path) !== file.name) output.note(`${printable(file.name)} is saved as ${printable(basename(path))}.`);
    await download(client, file, path, { overwrite: options.overwrite === true, onBytes: progress.onBytes });
    if (options.meta) await writeSideFile(path, file.metadata ?? (await client.getFileMetadata({ file: file.id })));
    done[index] = { id: file.id, path, size: file.size };
  };
  try {
    await sideBySide(found, AT_ONCE, (one, index) =>
      attempt(one.path, () => downloadOne(one, index), failed).finally(() => progress.fileDone()),
    );
  } finally {
    progress.stop();
  }
  if (skipped > 0) output.note(`${skipped} files were there already.`);
  return { files: done.filter((file) => file !== undefined), count: found.length };
}

/** Unfinished downloads have another name until they are whole. */
async function isThere(path: string, size: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === size;
}

interface Found {
  /** Metadata as far as a list told it. */
  readonly file: RemoteFile & { metadata?: Readonly<Record<string, unknown>> };
  readonly path: string;
  readonly isInFolder: boolean;
}

async function* filesBelow(client: Client, id: string, directory: string): AsyncGenerator<Found> {
  const { name, type, size = 0, modified_on, parent, project } = await client.getFile({ file: id });
  // The name of a root folder is an id; people know it by its project.
  const isRoot = type === "folder" && !parent;
  const path = join(directory, localName(isRoot ? project.slice(project.lastIndexOf("/") + 1) : name));
  if (type === "file") yield { file: { id, name, size, modified_on }, path, isInFolder: false };
  else yield* filesIn(client, id, path);
}

async function* filesIn(client: Client, folder: string, directory: string): AsyncGenerator<Found> {
  await mkdir(directory, { recursive: true });
  const taken = new Set<string>();
  for await (const child of client.all.listFolder({ file: folder, fields: "id,name,type,size,modified_on,metadata" })) {
    const path = freePath(directory, localName(child.name), taken);
    const { id, name, size = 0, modified_on, metadata = {} } = child;
    if (child.type === "folder") yield* filesIn(client, id, path);
    else yield { file: { id, name, size, modified_on: modified_on!, metadata }, path, isInFolder: true };
  }
}

/** Two names of the platform can be one name here: the second gets a number. */
function freePath(directory: string, name: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const path = join(directory, number === 1 ? name : `${number}_${name}`);
    if (taken.has(path)) continue;
    taken.add(path);
    return path;
  }
}
