import type { Readable } from "node:stream";
import { type BlobStore, contentDisposition } from "@causeway/storage";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AliasObjects } from "../aliases/alias-objects.ts";
import type { Download, Ledger } from "../billing/ledger.ts";
import { gathering } from "../db/gathering.ts";
import type { FileContents, StoredFile } from "../files/file-creation.ts";
import type { App } from "../http/app.ts";
import { ApiError } from "../http/errors.ts";
import type { SignedLinks } from "../http/signed-links.ts";
import { checkedStream, type Expected } from "../scrub/checked-stream.ts";
import { DAMAGE_WORDS, type Damage, DamagedBytes, type DamageRecord, damageOf } from "../scrub/damage.ts";
import { sendObject } from "./alias-download.ts";
import { downloadPath } from "./download-links.ts";
import { readRange } from "./ranges.ts";

export interface DownloadRouteDeps {
  files: FileContents;
  store: BlobStore;
  signed: SignedLinks;
  ledger: Ledger;
  damage: DamageRecord;
  aliases: AliasObjects;
}

/**
 * `GET|HEAD /storage/d/{username}/{file}`: the bytes of a file for whoever has its address (uploads.md §7), as long as the
 * user who was given it may take the file: in one piece or by range, never compressed, always with their length, and only ever for saving. What was sent is written to the ledger;
 * `charged` waits for that, once no connection is left.
 */
export function downloadRoute(
  app: App,
  { files, store, signed, ledger, damage, aliases }: DownloadRouteDeps,
): { charged(): Promise<void> } {
  const sending = new Set<Promise<void>>();
  // Downloads that end together are charged together: those of one user and project change the same row.
  const chargeOne = gathering(async (sent: readonly Download[]) => {
    await ledger.chargeDownloads(sent);
    return sent.map(() => undefined);
  });
  const charge: Charge = (reply, file, username, length) => {
    const write = (bytes: number) =>
      chargeOne({ projectId: file.projectId, username, bytes, at: new Date() }).catch((error: unknown) =>
        reply.log.error({ err: error, blob: file.blob.key, bytes }, "a download was not charged"),
      );
    const charged = tellSent(reply, length, write).finally(() => sending.delete(charged));
    sending.add(charged);
  };
  app.route({
    method: ["GET", "HEAD"],
    url: "/storage/d/:username/:file",
    config: { access: "link", tag: "files" },
    handler: (request, reply) => sendFile(request, reply, { files, store, signed, charge, damage, aliases }),
  });
  return { charged: async () => void (await Promise.all(sending)) };
}

/** Has the bytes of an answer charged that begins now: at most `length`. */
type Charge = (reply: FastifyReply, file: StoredFile, username: string, length: number) => void;

interface DownloadDeps {
  files: FileContents;
  store: BlobStore;
  signed: SignedLinks;
  charge: Charge;
  damage: DamageRecord;
  aliases: AliasObjects;
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { files, store, signed, charge, damage, aliases }: DownloadDeps,
) {
  const { username, file: id } = request.params as { username: string; file: string };
  if (!signed.accepts(request.method, downloadPath(username, id), request.query)) throw new ApiError("forbidden");
  const file = await files.find(id, username);
  if ("object" in file) return sendObject(request, reply, { aliases, alias: file.object, name: file.name });
  // No part of it either: nobody knows which parts are right.
  if (file.blob.damage !== null) throw damagedFile(file, file.blob.damage);

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
  const bytes = await store.open(file.blob.key, { offset, length }).catch(async (error: unknown) => {
    const found = damageOf(error);
    if (found === undefined) throw error;
    await damage.mark(file.blob.key, found, "download");
    throw damagedFile(file, found);
  });
  charge(reply, file, username, length);
  const isWhole = length === file.blob.size;
  return reply.send(checked(bytes, file, { length, sha256: isWhole ? file.blob.sha256 : null }, damage, request));
}

/** The bytes, cut before their end and remembered as damaged when they are not what they must be. */
function checked(bytes: Readable, file: StoredFile, expected: Expected, damage: DamageRecord, { log }: FastifyRequest): Readable {
  const mark = (found: Damage) =>
    void damage
      .mark(file.blob.key, found, "download")
      .catch((error: unknown) => log.error({ err: error, blob: file.blob.key }, "damaged bytes could not be noted"));
  const checking = checkedStream(expected, () => {
    mark("changed");
    return damagedFile(file, "changed");
  });
  bytes.on("error", (error) => {
    const found = damageOf(error);
    if (found !== undefined) mark(found);
    checking.destroy(error);
  });
  // A client that goes away ends the reading, too.
  checking.on("close", () => bytes.destroy());
  return bytes.pipe(checking);
}

const damagedFile = ({ name, blob }: StoredFile, found: Damage) =>
  new ApiError("unexpected", `The file ${name} is damaged: its bytes ${DAMAGE_WORDS[found]}. The operator can see it, too.`, {
    cause: new DamagedBytes(blob.key, found),
  });

/** How often a long download is charged: a process that is killed forgets what it has sent since. */
const TOLD_EVERY_MS = 60_000;

/**
 * Tells how many bytes of the body went out, at most `length` in all: now and then, and when the answer has ended or was
 * broken off.
 */
async function tellSent(reply: FastifyReply, length: number, tell: (bytes: number) => Promise<void>): Promise<void> {
  const { socket } = reply.raw;
  if (socket === null || reply.raw.destroyed) return;
  const before = socket.bytesWritten;
  let told = 0;
  const tellRest = async () => {
    // The headers are in it, too: too little to matter in an answer that was broken off.
    const rest = Math.min(length, socket.bytesWritten - before) - told;
    if (rest <= 0) return;
    told += rest;
    await tell(rest);
  };
  const timer = setInterval(() => void tellRest(), TOLD_EVERY_MS);
  await new Promise((resolve) => reply.raw.once("close", resolve));
  clearInterval(timer);
  await tellRest();
}
