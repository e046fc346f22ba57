import { join, resolve } from "node:path";
import type { Client } from "@causeway/contract";
import type { Session } from "../connection/session.ts";
import { fileIdOf } from "../files/places.ts";
import { createProgress } from "../output/progress.ts";
import { download, type Wanted } from "./download.ts";
import { localName } from "./local-name.ts";

/** A file that was downloaded, and where to. */
export interface Downloaded {
  readonly id: string;
  readonly path: string;
  readonly size: number;
}

/** `causeway download`: files, and folders with everything in them. */
export async function downloadAll(
  session: Session,
  paths: readonly string[],
  options: { output: string; overwrite?: boolean },
): Promise<void> {
  const done: Downloaded[] = [];
  for (const path of paths) {
    const id = await fileIdOf(session.client, path);
    done.push(...(await downloadTo(session, id, resolve(options.output), options.overwrite === true)));
  }
  session.output.show(done, () => done.map(({ path }) => path).join("\n"));
}

/** Downloads a file, or a folder as a directory, into a local directory. */
export async function downloadTo(session: Session, id: string, directory: string, overwrite: boolean): Promise<Downloaded[]> {
  const { client, output } = session;
  const done: Downloaded[] = [];
  const taken = new Set<string>();
  for await (const { file, path } of filesBelow(client, id, directory, taken)) {
    const progress = await createProgress(file.name, file.size, { unit: "bytes", silent: output.json });
    const onBytes = progress.add;
    await download(client, file, path, { overwrite, onBytes }).finally(() => progress.stop());
    done.push({ id: file.id, path, size: file.size });
  }
  return done;
}

async function* filesBelow(
  client: Client,
  id: string,
  directory: string,
  taken: Set<string>,
): AsyncGenerator<{ file: Wanted; path: string }> {
  const entry = await client.getFile({ file: id });
  const path = freePath(directory, localName(entry.name), taken);
  if (entry.type === "file") {
    yield { file: { id, name: entry.name, size: entry.size ?? 0, modified_on: entry.modified_on }, path };
    return;
  }
  for await (const child of client.all.listFolder({ file: id })) yield* filesBelow(client, child.id, path, taken);
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
