import { mkdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Client } from "@causeway/contract";
import type { Session } from "../connection/session.ts";
import { fileIdOf } from "../files/places.ts";
import { createProgress } from "../output/progress.ts";
import { download, type Wanted } from "./download.ts";
import { localName } from "./local-name.ts";
import { writeSideFile } from "./side-files.ts";

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

/** `causeway download`: files, and folders with everything in them. */
export async function downloadAll(
  session: Session,
  paths: readonly string[],
  { output, ...options }: Options & { output: string },
): Promise<void> {
  const done: Downloaded[] = [];
  for (const path of paths) {
    const id = await fileIdOf(session.client, path);
    done.push(...(await downloadTo(session, id, resolve(output), options)));
  }
  session.output.show(done, () => done.map(({ path }) => path).join("\n"));
}

/**
 * Downloads a file, or a folder as a directory, into a local directory. What of a folder is there already with its size
 * stays, so the same call goes on where an earlier one ended. Answers what was fetched.
 */
export async function downloadTo(session: Session, id: string, directory: string, options: Options): Promise<Downloaded[]> {
  const { client, output } = session;
  const done: Downloaded[] = [];
  let skipped = 0;
  for await (const { file, path, isInFolder } of filesBelow(client, id, directory)) {
    if (!options.overwrite && (isInFolder || options.skipExisting) && (await isThere(path, file.size))) {
      skipped++;
      continue;
    }
    const progress = await createProgress(file.name, file.size, { unit: "bytes", silent: output.json });
    await download(client, file, path, { overwrite: options.overwrite === true, onBytes: progress.add }).finally(() =>
      progress.stop(),
    );
    if (options.meta) await writeSideFile(path, await client.getFileMetadata({ file: file.id }));
    done.push({ id: file.id, path, size: file.size });
  }
  if (skipped > 0) output.note(`${skipped} files were there already.`);
  return done;
}

/** Unfinished downloads have another name until they are whole. */
async function isThere(path: string, size: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === size;
}

interface Found {
  readonly file: Wanted;
  readonly path: string;
  readonly isInFolder: boolean;
}

async function* filesBelow(client: Client, id: string, directory: string): AsyncGenerator<Found> {
  const { name, type, size = 0, modified_on } = await client.getFile({ file: id });
  const path = join(directory, localName(name));
  if (type === "file") yield { file: { id, name, size, modified_on }, path, isInFolder: false };
  else yield* filesIn(client, id, path);
}

async function* filesIn(client: Client, folder: string, directory: string): AsyncGenerator<Found> {
  await mkdir(directory, { recursive: true });
  const taken = new Set<string>();
  for await (const child of client.all.listFolder({ file: folder, fields: "id,name,type,size,modified_on" })) {
    const path = freePath(directory, localName(child.name), taken);
    const { id, name, size = 0, modified_on } = child;
    if (child.type === "folder") yield* filesIn(client, id, path);
    else yield { file: { id, name, size, modified_on: modified_on! }, path, isInFolder: true };
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
