import { BlobMissing, type BlobStore, contentDisposition } from "@causeway/storage";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { FileContents } from "../files/contents.ts";
import type { App } from "../http/app.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import type { SignedLinks } from "../http/signed-links.ts";
import { readRange } from "./ranges.ts";

const pathOf = (fileId: string) => `/storage/d/${fileId}`;

/** Makes addresses from which anybody can read a file for `lifetimeMs`: the store's own where it can sign them. */
export function createDownloadLinks(store: BlobStore, signed: SignedLinks, links: Links, lifetimeMs: number) {
  return async (file: { id: string; name: string; blob_key: string | null }): Promise<string> => {
    const url = await store.signReadUrl?.(file.blob_key!, lifetimeMs / 1000, { filename: file.name });
    return url?.href ?? links.beside(signed.sign("GET", pathOf(file.id), new Date(Date.now() + lifetimeMs)));
  };
}

/**
 * `GET|HEAD /storage/d/{file}`: the bytes of a file for whoever has its address (uploads.md §7): in one piece or by
 * range, never compressed, always with their length, and only ever for saving.
 */
export function downloadRoute(app: App, files: FileContents, store: BlobStore, signed: SignedLinks): void {
  app.route({
    method: ["GET", "HEAD"],
    url: "/storage/d/:file",
    handler: (request, reply) => sendFile(request, reply, files, store, signed),
  });
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  files: FileContents,
  store: BlobStore,
  signed: SignedLinks,
) {
  const { file: id } = request.params as { file: string };
  if (!signed.accepts(request.method, pathOf(id), request.query)) throw new ApiError("forbidden");
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
  try {
    return reply.send(await store.open(file.blob.key, { offset, length }));
  } catch (error) {
    throw error instanceof BlobMissing ? new ApiError("fileNotFound", undefined, { cause: error }) : error;
  }
}
