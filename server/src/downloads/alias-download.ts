import { createHash } from "node:crypto";
import { contentDisposition, isFault } from "@causeway/storage";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AliasObjects, AliasTarget } from "../aliases/alias-objects.ts";
import { readRefusal } from "../volumes/faults.ts";
import { readRange } from "./ranges.ts";

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
  for (let attempt = 1; ; attempt += 1) {
    const { size, etag } = await aliases.look(alias);
    const tag = tagOf(alias, etag);
    const { range: asked, "if-range": onlyIf } = request.headers;
    const range = readRange(onlyIf === undefined || onlyIf === tag ? asked : undefined, size);
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
    const { offset, length } = range === "all" ? { offset: 0, length: size } : range;
    if (range !== "all") reply.code(206).header("content-range", `bytes ${offset}-${offset + length - 1}/${size}`);
    reply.header("content-length", length);
    if (request.method === "HEAD" || length === 0) return reply.send();
    try {
      const { bytes } = await aliases.open(alias, { offset, length }, etag);
      // A client that goes away ends the reading, too.
      reply.raw.once("close", () => bytes.destroy());
      return reply.send(bytes);
    } catch (error) {
      if (!isFault(error, "ObjectChanged") || attempt === TRIES) throw readRefusal(error);
    }
  }
}

/** A service's own tag may have any characters. */
const tagOf = ({ volumeId, location }: AliasTarget, etag: string): string =>
  `"${createHash("sha256").update(`${volumeId}\n${location}\n${etag}`).digest("base64url")}"`;
