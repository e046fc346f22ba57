import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { contentDisposition, isFault } from "@causeway/storage";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AliasObjects, AliasTarget } from "../aliases/alias-objects.ts";
import { readRefusal } from "../volumes/faults.ts";
import { readRange, type WantedRange } from "./ranges.ts";

/** How often the bytes are asked for anew of an object that changes while it is opened. */
const TRIES = 3;

/**
 * Sends the object that an alias stands for, read with the volume's own credentials: where the service's own addresses do
 * not reach whoever downloads (volumes.md §3.3). Nothing is charged: the bytes are not the platform's.
 *
 * @throws ApiError as `AliasObjects.look`
 */
export async function sendObject(
  request: FastifyRequest,
  reply: FastifyReply,
  { aliases, alias, name }: { aliases: AliasObjects; alias: AliasTarget; name: string },
) {
  const { size, tag, range, bytes } = await openAsked(request, aliases, alias);
  reply.headers({
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
    "content-disposition": contentDisposition(name),
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
    etag: tag,
  });
  if (range === "beyond")
    return reply
      .code(416)
      .headers({ "content-range": `bytes */${size}`, "content-length": 0 })
      .send();
  const { offset, length } = pieceOf(range, size);
  if (range !== "all") reply.code(206).header("content-range", `bytes ${offset}-${offset + length - 1}/${size}`);
  reply.header("content-length", length);
  // A client that goes away ends the reading, too.
  if (bytes) reply.raw.once("close", () => bytes.destroy());
  return reply.send(bytes);
}

interface Asked {
  size: number;
  tag: string;
  range: WantedRange;
  /** Absent where the answer has none. */
  bytes?: Readable;
}

/** What was asked for of the object as it is: what is said of it and its bytes are of one state of it. */
async function openAsked({ method, headers }: FastifyRequest, aliases: AliasObjects, alias: AliasTarget): Promise<Asked> {
  for (let attempt = 1; ; attempt += 1) {
    const { size, etag } = await aliases.look(alias);
    const tag = tagOf(alias, etag);
    const { range: asked, "if-range": onlyIf } = headers;
    const range = readRange(onlyIf === undefined || onlyIf === tag ? asked : undefined, size);
    if (method === "HEAD" || range === "beyond") return { size, tag, range };
    const piece = pieceOf(range, size);
    if (piece.length === 0) return { size, tag, range };
    try {
      const { bytes } = await aliases.open(alias, piece, etag);
      return { size, tag, range, bytes };
    } catch (error) {
      if (!isFault(error, "ObjectChanged") || attempt === TRIES) throw readRefusal(error);
    }
  }
}

const pieceOf = (range: Exclude<WantedRange, "beyond">, size: number) => (range === "all" ? { offset: 0, length: size } : range);

/** A service's own tag may have any characters. */
const tagOf = ({ volumeId, location }: AliasTarget, etag: string): string =>
  `"${createHash("sha256").update(`${volumeId}\n${location}\n${etag}`).digest("base64url")}"`;
