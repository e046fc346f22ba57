import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { ApiFailure, type Client } from "@causeway/contract";
import { Complaint, EXIT } from "../exit.ts";
import { type OnBytes, persistently, putRange } from "./bytes.ts";
import { keptState } from "./kept-state.ts";

export interface Upload {
  /** A local file. */
  readonly path: string;
  /** The id of the folder it goes to. */
  readonly parent: string;
  /** Default: the local name. */
  readonly name?: string;
  readonly overwrite?: boolean;
  /** Wanted bytes of a part; the platform has the last word. */
  readonly partSize?: number;
  /** Parts to send at once. */
  readonly parallel?: number;
  readonly onBytes?: OnBytes;
}

interface Started {
  upload_id: string;
  part_size: number;
  parallel_uploads: boolean;
}

/**
 * Uploads a file in parts. What was sent by an earlier attempt, however that ended, is not sent again, as long as the
 * local file is the same one (path, size, time of change). The size that arrived is checked.
 *
 * @throws ApiFailure, Complaint
 */
export async function upload(client: Client, url: string, given: Upload) {
  const path = resolve(given.path);
  const { size, mtimeMs } = await localFile(path);
  const name = given.name ?? basename(path);
  // Whether it may replace a file is settled when an upload starts, so that is a part of the key, too.
  const { parent, overwrite = false } = given;
  const state = keptState<{ upload_id: string }>("uploads", { url, path, size, mtimeMs, parent, name, overwrite });

  const resumed = await resume(client, (await state.read())?.upload_id);
  const started: Started =
    resumed ??
    (await client.startUpload({
      ...(overwrite ? { overwrite } : {}),
      body: { name, parent, size, ...(given.partSize === undefined ? {} : { part_size: given.partSize }) },
    }));
  if (!resumed) await state.write({ upload_id: started.upload_id });

  const { part_size } = started;
  const partOf = (number: number) => {
    const start = (number - 1) * part_size;
    return { path, start, length: Math.min(part_size, size - start) };
  };
  const numbers = Array.from({ length: Math.ceil(size / part_size) }, (_, index) => index + 1);
  for (const number of resumed?.done ?? []) if (number <= numbers.length) given.onBytes?.(partOf(number).length);
  const missing = numbers.filter((number) => !resumed?.done.has(number));
  await inParallel(missing, started.parallel_uploads ? (given.parallel ?? 4) : 1, (number) =>
    sendPart(client, started.upload_id, number, partOf(number), given.onBytes ?? (() => {})),
  );
  await refuseChange(path, mtimeMs, size);
  const file = await client.completeUpload({ upload: started.upload_id });
  await state.forget();
  if (file.size !== size)
    throw new Complaint(`${name} arrived with ${file.size} bytes instead of ${size}.`, {
      advice: "Upload it again with --overwrite.",
    });
  return file;
}

async function localFile(path: string): Promise<{ size: number; mtimeMs: number }> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new Complaint(`${path} does not exist.`, { exit: EXIT.notFound });
  if (!found.isFile()) throw new Complaint(`${path} is no file.`, { exit: EXIT.usage });
  return found;
}

async function refuseChange(path: string, mtimeMs: number, size: number): Promise<void> {
  const now = await stat(path);
  if (now.mtimeMs !== mtimeMs || now.size !== size) {
    throw new Complaint(`${path} was changed while it was uploaded.`, {
      advice: "Run the command again when nobody writes to it.",
    });
  }
}

/** The upload of an earlier attempt with the numbers of the parts that are there; none when the platform dropped it. */
async function resume(client: Client, id: string | undefined): Promise<(Started & { done: Set<number> }) | undefined> {
  if (id === undefined) return undefined;
  try {
    const found = await client.getUpload({ upload: id, list_parts: true });
    return { ...found, done: new Set((found.parts ?? []).map((part) => part.part_number)) };
  } catch (error) {
    if (error instanceof ApiFailure && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  }
}

/** Sends a part and reports it at once: only what is reported is known when an interrupted upload goes on. */
async function sendPart(client: Client, upload: string, number: number, part: Parameters<typeof putRange>[2], onBytes: OnBytes) {
  const etag = await persistently(async () => {
    const { url, headers } = await client.getUploadPart({ upload, part_number: number });
    return putRange(url, headers, part, onBytes);
  });
  await persistently(() =>
    client.reportUploadPart({ upload, body: { part_number: number, response: { headers: { ETag: etag } } } }),
  );
}

async function inParallel<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}
