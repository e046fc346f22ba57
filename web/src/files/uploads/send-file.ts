import { ApiFailure, onlyPartAddress } from "@causeway/contract/client";
import { api } from "../../api/client.ts";
import { withRetries } from "./with-retries.ts";

export interface SendOptions {
  parent: string;
  file: File;
  signal: AbortSignal;
  /** Told of bytes that have arrived. */
  onSent: (bytes: number) => void;
}

export type Sent = "sent" | "there already";

const PARTS_AT_ONCE = 3;
const memory = (parent: string, { name, size, lastModified }: File) =>
  `causeway.upload/${parent}/${name}/${size}/${lastModified}`;

interface Started {
  upload_id: string;
  part_size: number;
  /** Parts that have arrived, with what was answered to them. */
  parts: Map<number, string>;
  /** Where the bytes of an only part go, where the platform has told it already. */
  address?: string;
}

/**
 * Uploads a file in parts. One that is there in the same size counts as done; one that was begun before, also before the
 * page was loaded again, goes on with the parts that are missing.
 *
 * @throws ApiFailure `uploadFileExists` for another file of that name
 */
export async function sendFile(options: SendOptions): Promise<Sent> {
  const { parent, file, signal, onSent } = options;
  const key = memory(parent, file);
  let upload: Started;
  try {
    upload = (await resumed(key, signal)) ?? (await started(key, options));
  } catch (error) {
    if (await isThere(error, options)) return "there already";
    throw error;
  }
  const count = Math.max(1, Math.ceil(file.size / upload.part_size));
  const missing: number[] = [];
  for (let number = 1; number <= count; number++) {
    if (upload.parts.has(number)) onSent(sizeOf(number, upload.part_size, file.size));
    else missing.push(number);
  }
  const work = async () => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
      signal.throwIfAborted();
      await sendPart(upload, number, file, signal, count > 1);
      onSent(sizeOf(number, upload.part_size, file.size));
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, missing.length) }, work));
  const parts = [...upload.parts].map(([part_number, ETag]) => ({ part_number, response: { headers: { ETag } } }));
  try {
    await withRetries(() => api.completeUpload({ upload: upload.upload_id, body: { parts } }), signal);
  } catch (error) {
    if (isRefusal(error)) localStorage.removeItem(key);
    if (await isThere(error, options)) return "there already";
    throw error;
  }
  localStorage.removeItem(key);
  return "sent";
}

/** The platform knows of nothing to go on with; of what did not reach it the upload is kept. */
const isRefusal = (error: unknown): boolean => error instanceof ApiFailure && error.status < 500;

const sizeOf = (number: number, partSize: number, size: number): number => Math.min(partSize, size - (number - 1) * partSize);

async function started(key: string, { parent, file: { name, size }, signal }: SendOptions): Promise<Started> {
  let address: string | undefined;
  const onHeaders = (headers: Pick<Headers, "get">) => {
    address = onlyPartAddress(headers);
  };
  const start = () => api.startUpload({ body: { parent, name, size } }, { onHeaders });
  const { upload_id, part_size } = await withRetries(start, signal);
  // A file of one part begins anew as quickly as it goes on.
  if (size > part_size) localStorage.setItem(key, upload_id);
  return { upload_id, part_size, parts: new Map(), ...(address === undefined ? {} : { address }) };
}

async function resumed(key: string, signal: AbortSignal): Promise<Started | undefined> {
  const known = localStorage.getItem(key);
  if (known === null) return undefined;
  try {
    const ask = () => api.getUpload({ upload: known, list_parts: true });
    const { upload_id, part_size, parts = [] } = await withRetries(ask, signal);
    return {
      upload_id,
      part_size,
      parts: new Map(parts.map(({ part_number, response }) => [part_number, response.headers.ETag])),
    };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    localStorage.removeItem(key);
    return undefined;
  }
}

async function sendPart(upload: Started, number: number, file: File, signal: AbortSignal, reports: boolean): Promise<void> {
  const start = (number - 1) * upload.part_size;
  const bytes = file.slice(start, start + upload.part_size);
  let known = upload.address;
  const etag = await withRetries(async () => {
    const ask = () => api.getUploadPart({ upload: upload.upload_id, part_number: number });
    const { url, headers } = known === undefined ? await ask() : { url: known, headers: {} };
    // Where it does not work, another attempt asks for one.
    known = undefined;
    const answer = await fetch(url, { method: "PUT", headers, body: bytes, signal, credentials: "omit" });
    // A connection whose answer nobody reads is not used again.
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`The bytes were refused (${answer.status}).`);
    return answer.headers.get("etag") ?? "";
  }, signal);
  upload.parts.set(number, etag);
  if (!reports) return;
  const report = { part_number: number, response: { headers: { ETag: etag } } };
  await withRetries(() => api.reportUploadPart({ upload: upload.upload_id, body: report }), signal);
}

/** Whether it was refused because the same file is there. */
async function isThere(error: unknown, { parent, file: { name, size }, signal }: SendOptions): Promise<boolean> {
  if (!(error instanceof ApiFailure && error.status === 409)) return false;
  const ask = () => api.listFiles({ parent, name: [name], fields: ["id", "name", "type", "size"] });
  const { items } = await withRetries(ask, signal);
  return items[0]?.type === "file" && items[0].size === size;
}
