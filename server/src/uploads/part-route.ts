import { Readable } from "node:stream";
import { UPLOAD_LIMITS } from "@causeway/contract";
import { PartCut, StorageFull } from "@causeway/storage";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "../http/app.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import type { SignedLinks } from "../http/signed-links.ts";
import type { SignPart, UploadService } from "./service.ts";

/** Some clients cut parts one byte too long (uploads.md §5.2). */
const LARGEST_PART = UPLOAD_LIMITS.maxPartSize + 1;
/** A client that sends nothing for so long is gone. */
const SILENCE_MS = 5 * 60 * 1000;

const pathOf = (uploadId: string, number: string | number) => `/storage/u/${uploadId}/${number}`;

/** The address of a part on this server. */
export const signPartLinks =
  (signed: SignedLinks, links: Links): SignPart =>
  (uploadId, number, expires) =>
    links.beside(signed.sign("PUT", pathOf(uploadId, number), expires));

/**
 * `PUT /storage/u/{upload}/{number}`: takes the raw bytes of a part from whoever has its address (uploads.md §4). Not a
 * call of the API: no token, no JSON, any media type. An ETag is answered only when the part is stored, because the
 * Python client looks at nothing else.
 */
export function partRoute(app: App, uploads: UploadService, signed: SignedLinks): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _body, done) => done(null));
    scope.addHook("onRequest", async (_request, reply) => void allowBrowsers(reply));
    scope.options("/storage/u/:upload/:number", { config: { access: "page" } }, (_request, reply) => reply.code(204).send());
    scope.put("/storage/u/:upload/:number", { config: { access: "link", tag: "uploads" } }, (request, reply) =>
      takePart(request, reply, uploads, signed),
    );
  });
}

async function takePart(request: FastifyRequest, reply: FastifyReply, uploads: UploadService, signed: SignedLinks) {
  const { upload, number } = request.params as { upload: string; number: string };
  const { "content-length": header } = request.headers;
  const length = header === undefined ? undefined : Number(header);
  request.raw.setTimeout(SILENCE_MS, () => request.raw.destroy());
  try {
    if (!signed.accepts(request.method, pathOf(upload, number), request.query)) throw new ApiError("forbidden");
    if (length !== undefined && length > LARGEST_PART) throw new PartTooLarge();
    const bytes = Readable.from(bytesOf(request), { objectMode: false });
    const part = await uploads.writePart(upload, Number(number), bytes, length);
    return reply.header("etag", `"${part.etag}"`).code(200).send();
  } catch (error) {
    // What the client still sends is dropped: many read no answer before they have sent everything.
    request.raw.resume();
    const [status, why] = refusalOf(error) ?? [];
    if (status === undefined) throw error;
    return reply.code(status).header("content-type", "text/plain; charset=utf-8").send(why);
  }
}

/** The body as it comes. Leaving it half-read leaves the connection open, so that the refusal can be told. */
async function* bytesOf(request: FastifyRequest): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of request.raw.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > LARGEST_PART) throw new PartTooLarge();
    yield chunk;
  }
}

class PartTooLarge extends Error {}

/** The statuses that the table of the API has no code for. */
function refusalOf(error: unknown): [status: number, why: string] | undefined {
  if (error instanceof PartTooLarge) return [413, `A part has at most ${LARGEST_PART} bytes.`];
  if (error instanceof PartCut) return [400, error.message];
  // The client has gone amid the body: nobody reads this.
  if ((error as NodeJS.ErrnoException).code === "ECONNRESET") return [400, "The body ended early."];
  if (error instanceof StorageFull) return [507, "There is no room for this part now; send it again later."];
  return undefined;
}

/** The address is all the permission it takes, so a page of any origin may use it. */
function allowBrowsers(reply: FastifyReply): void {
  reply.headers({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "PUT",
    "access-control-allow-headers": "*",
    "access-control-expose-headers": "ETag",
  });
}
