import { BlobMissing, type BlobStore, contentDisposition } from "@causeway/storage";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Ledger } from "../billing/ledger.ts";
import type { FileContents } from "../files/contents.ts";
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
 * range, never compressed, always with their length, and only ever for saving. What was sent is written to the ledger.
 */
export function downloadRoute(app: App, files: FileContents, store: BlobStore, signed: SignedLinks, ledger: Ledger): void {
  app.route({
    method: ["GET", "HEAD"],
    url: "/storage/d/:username/:file",
    config: { tag: "files" },
    handler: (request, reply) => sendFile(request, reply, files, store, signed, ledger),
  });
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  files: FileContents,
  store: BlobStore,
  signed: SignedLinks,
  ledger: Ledger,
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
  onSent(reply, length, (sent) =>
    ledger
      .chargeDownload(file.projectId, username, sent, new Date())
      .catch((error: unknown) => request.log.error({ err: error, file: id, sent }, "a download was not charged")),
  );
  try {
    return reply.send(await store.open(file.blob.key, { offset, length }));
  } catch (error) {
    throw error instanceof BlobMissing ? new ApiError("fileNotFound", undefined, { cause: error }) : error;
  }
}

/** Tells how many bytes of the body went out, at most `length`, when the answer has ended or was broken off. */
function onSent(reply: FastifyReply, length: number, tell: (bytes: number) => void): void {
  const { socket } = reply.raw;
  if (socket === null) return;
  const before = socket.bytesWritten;
  reply.raw.once("close", () => {
    // The headers are in it, too: too little to matter in an answer that was broken off.
    const sent = Math.min(length, socket.bytesWritten - before);
    if (sent > 0) tell(sent);
  });
}
