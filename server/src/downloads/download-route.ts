import { BlobMissing, type BlobStore, contentDisposition } from "@causeway/storage";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Ledger } from "../billing/ledger.ts";
import type { FileContents, StoredFile } from "../files/contents.ts";
import type { App } from "../http/app.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import type { SignedLinks } from "../http/signed-links.ts";
import { readRange } from "./ranges.ts";

/** The address names who asked for it: their bytes are charged to them. */
const pathOf = (username: string, fileId: string) => `/storage/d/${encodeURIComponent(username)}/${fileId}`;

/**
 * Makes addresses from which anybody can read a file for `lifetimeMs`: the store's own where it can sign them (what it
 * sends is not seen here and not charged).
 */
export function createDownloadLinks(store: BlobStore, signed: SignedLinks, links: Links, lifetimeMs: number) {
  return async (file: { id: string; name: string; blob_key: string | null }, username: string): Promise<string> => {
    const url = await store.signReadUrl?.(file.blob_key!, lifetimeMs / 1000, { filename: file.name });
    return url?.href ?? links.beside(signed.sign("GET", pathOf(username, file.id), new Date(Date.now() + lifetimeMs)));
  };
}

/**
 * `GET|HEAD /storage/d/{username}/{file}`: the bytes of a file for whoever has its address (uploads.md §7): in one piece or by
 * range, never compressed, always with their length, and only ever for saving. What was sent is written to the ledger;
 * `charged` waits for that, once no connection is left.
 */
export function downloadRoute(
  app: App,
  files: FileContents,
  store: BlobStore,
  signed: SignedLinks,
  ledger: Ledger,
): { charged(): Promise<void> } {
  const sending = new Set<Promise<void>>();
  const charge: Charge = (reply, file, username, length) => {
    const charged = sent(reply, length)
      .then((bytes) => (bytes > 0 ? ledger.chargeDownload(file.projectId, username, bytes, new Date()) : undefined))
      .catch((error: unknown) => reply.log.error({ err: error, blob: file.blob.key, length }, "a download was not charged"))
      .finally(() => sending.delete(charged));
    sending.add(charged);
  };
  app.route({
    method: ["GET", "HEAD"],
    url: "/storage/d/:username/:file",
    config: { tag: "files" },
    handler: (request, reply) => sendFile(request, reply, files, store, signed, charge),
  });
  return { charged: async () => void (await Promise.all(sending)) };
}

/** Has the bytes of an answer charged that begins now: at most `length`. */
type Charge = (reply: FastifyReply, file: StoredFile, username: string, length: number) => void;

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  files: FileContents,
  store: BlobStore,
  signed: SignedLinks,
  charge: Charge,
) {
  const { username, file: id } = request.params as { username: string; file: string };
  if (!signed.accepts(request.method, pathOf(username, id), request.query)) throw new ApiError("forbidden");
  const file = await files.find(id);
  if (!file) throw new ApiError("fileNotFound");

  const etag = `"${file.blob.key}"`;
  const { range: asked, "if-range": onlyIf } = request.headers;
  const range = readRange(onlyIf === undefined || onlyIf === etag ? asked : undefined, file.blob.size);
  reply.headers({
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "content-disposition": contentDisposition(file.name),
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
    etag,
  });
  if (range === "beyond") {
    return reply
      .code(416)
      .headers({ "content-range": `bytes */${file.blob.size}`, "content-length": 0 })
      .send();
  }
  const { offset, length } = range === "all" ? { offset: 0, length: file.blob.size } : range;
  if (range !== "all") reply.code(206).header("content-range", `bytes ${offset}-${offset + length - 1}/${file.blob.size}`);
  reply.header("content-length", length);
  if (request.method === "HEAD" || length === 0) return reply.send();
  const bytes = await store.open(file.blob.key, { offset, length }).catch((error: unknown) => {
    throw error instanceof BlobMissing ? new ApiError("fileNotFound", undefined, { cause: error }) : error;
  });
  charge(reply, file, username, length);
  return reply.send(bytes);
}

/** How many bytes of the body went out, at most `length`, when the answer has ended or was broken off. */
async function sent(reply: FastifyReply, length: number): Promise<number> {
  const { socket } = reply.raw;
  if (socket === null || reply.raw.destroyed) return 0;
  const before = socket.bytesWritten;
  await new Promise((resolve) => reply.raw.once("close", resolve));
  // The headers are in it, too: too little to matter in an answer that was broken off.
  return Math.min(length, socket.bytesWritten - before);
}
