import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { ApiFailure, type Client, onlyPartAddress, UPLOAD_LIMITS } from "@causeway/contract/client";
import { CliError, EXIT } from "../exit.ts";
import { type OnBytes, putRange, withRetries } from "./bytes.ts";
import { keptState } from "./kept-state.ts";
import { sideBySide } from "./side-by-side.ts";

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
  /** Of all files of a command: goes about every sending of a part. */
  readonly inTurn?: <Result>(send: () => Promise<Result>) => Promise<Result>;
  readonly onBytes?: OnBytes;
}

interface Started {
  upload_id: string;
  part_size: number;
  parallel_uploads: boolean;
  /** The address of the first part, where the platform has told it already. */
  firstPart?: string;
}

/** What of a local file goes where. */
interface Part {
  path: string;
  start: number;
  length: number;
}

/**
 * Uploads a file. The size that arrived is checked.
 *
 * A large one goes in parts: what was sent by an earlier attempt, however that ended, is not sent again, as long as the
 * local file is the same one (path, size, time of change). One that is smaller than any part has nothing to go on with:
 * it takes as few calls as there can be, and is sent anew.
 *
 * @throws ApiFailure, CliError
 */
export async function upload(client: Client, url: string, given: Upload) {
  const path = resolve(given.path);
  const local = { path, ...(await localFile(path)), name: given.name ?? basename(path) };
  const file = await (local.size <= UPLOAD_LIMITS.minPartSize ? uploadAtOnce : uploadInParts)(client, url, given, local);
  if (file.size !== local.size)
    throw new CliError(`${local.name} arrived with ${file.size} bytes instead of ${local.size}.`, {
      advice: "Upload it again with --overwrite.",
    });
  return file;
}

interface Local {
  /** Absolute. */
  path: string;
  size: number;
  mtimeMs: number;
  /** On the platform. */
  name: string;
}

async function uploadAtOnce(client: Client, _url: string, given: Upload, local: Local) {
  const { path, size } = local;
  const { upload_id: upload, firstPart } = await start(client, given, local);
  try {
    const parts = size === 0 ? [] : [await sendPart(client, upload, 1, { path, start: 0, length: size }, given, firstPart)];
    await refuseChange(local);
    return await withRetries(() => client.completeUpload({ upload, body: { parts } }));
  } catch (error) {
    // Nobody goes on with it. That it cannot be removed is no news: the first error is, and the platform drops it in time.
    await client.abortUpload({ upload }).catch(() => {});
    throw error;
  }
}

async function uploadInParts(client: Client, url: string, given: Upload, local: Local) {
  const { path, size, mtimeMs, name } = local;
  // Whether it may replace a file is settled when an upload starts, so that is a part of the key, too.
  const { parent, overwrite = false, onBytes } = given;
  const state = keptState<{ upload_id: string }>("uploads", { url, path, size, mtimeMs, parent, name, overwrite });

  const resumed = await resume(client, (await state.read())?.upload_id);
  const started: Started = resumed ?? (await start(client, given, local));
  const { upload_id: upload, part_size, parallel_uploads } = started;
  if (!resumed) await state.write({ upload_id: upload });

  const partOf = (number: number) => {
    const start = (number - 1) * part_size;
    return { path, start, length: Math.min(part_size, size - start) };
  };
  const numbers = Array.from({ length: Math.ceil(size / part_size) }, (_, index) => index + 1);
  for (const number of resumed?.done ?? []) if (number <= numbers.length) onBytes?.(partOf(number).length);
  const missing = numbers.filter((number) => !resumed?.done.has(number));
  await sideBySide(missing, parallel_uploads ? (given.parallel ?? 4) : 1, async (number) => {
    const report = await sendPart(client, upload, number, partOf(number), given);
    // At once: only what is reported is known when an interrupted upload goes on.
    await withRetries(() => client.reportUploadPart({ upload, body: report }));
  });
  await refuseChange(local);
  const file = await withRetries(() => client.completeUpload({ upload }));
  await state.forget();
  return file;
}

/** Starting twice, because the first answer was lost, leaves an upload that is dropped in time. */
async function start(client: Client, { parent, overwrite, partSize }: Upload, { name, size }: Local): Promise<Started> {
  const body = { name, parent, size, ...(partSize === undefined ? {} : { part_size: partSize }) };
  return withRetries(async () => {
    let firstPart: string | undefined;
    const onHeaders = (headers: Pick<Headers, "get">) => {
      firstPart = onlyPartAddress(headers);
    };
    const started = await client.startUpload({ ...(overwrite ? { overwrite } : {}), body }, { onHeaders });
    return { ...started, ...(firstPart === undefined ? {} : { firstPart }) };
  });
}

async function localFile(path: string): Promise<{ size: number; mtimeMs: number }> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new CliError(`${path} does not exist.`, { exit: EXIT.notFound });
  if (!found.isFile()) throw new CliError(`${path} is no file.`, { exit: EXIT.usage });
  return { size: found.size, mtimeMs: found.mtimeMs };
}

async function refuseChange({ path, mtimeMs, size }: Local): Promise<void> {
  const now = await stat(path);
  if (now.mtimeMs !== mtimeMs || now.size !== size) {
    throw new CliError(`${path} was changed while it was uploaded.`, {
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

/** Sends a part and answers its report. */
async function sendPart(
  client: Client,
  upload: string,
  number: number,
  part: Part,
  { onBytes = () => {}, inTurn = (send) => send() }: Upload,
  address?: string,
) {
  let known = address;
  const ETag = await inTurn(() =>
    withRetries(async () => {
      if (known !== undefined) {
        const url = known;
        // Where it does not work, another attempt asks for one.
        known = undefined;
        return putRange(url, {}, part, onBytes);
      }
      const { url, headers } = await client.getUploadPart({ upload, part_number: number });
      return putRange(url, headers, part, onBytes);
    }),
  );
  return { part_number: number, response: { headers: { ETag } } };
}
