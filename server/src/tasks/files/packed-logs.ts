import { randomBytes } from "node:crypto";

/** A log as it is, under its name, which may be a path. */
export interface LogBytes {
  name: string;
  bytes: Buffer;
}

/** The small logs of a job as its row has them until somebody asks for one. */
export interface PackedLogs {
  /** 22 hexadecimal digits; two more make it the id of one of the logs. */
  id: string;
  bytes: Buffer;
  /** The id of each log, by its name. */
  ids: { [name: string]: string };
}

/** As many as two hexadecimal digits tell apart. */
const MOST_LOGS = 256;

/**
 * How the ids of packed logs begin. Ids that the database makes begin with the second they were made in, and come to this
 * value in 2106: so whether a request names a packed log is known without asking the database.
 */
const BEGINNING = "ffffffff";

/** Packs small logs, as many as there may be; answers what is left over. */
export function packLogs(logs: readonly LogBytes[]): { packed: PackedLogs | undefined; rest: readonly LogBytes[] } {
  const [taken, rest] = [logs.slice(0, MOST_LOGS), logs.slice(MOST_LOGS)];
  if (taken.length === 0) return { packed: undefined, rest };
  const id = BEGINNING + randomBytes(7).toString("hex");
  const parts = taken.flatMap(({ bytes }) => [lengthOf(bytes), bytes]);
  const ids = Object.fromEntries(taken.map(({ name }, index) => [name, id + index.toString(16).padStart(2, "0")]));
  return { packed: { id, bytes: Buffer.concat(parts), ids }, rest };
}

/** What was packed, by id. `logs`: ids by name, in which others may be, too. */
export function unpackLogs(id: string, bytes: Buffer, logs: { readonly [name: string]: string }): (LogBytes & { id: string })[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    parts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const own = Object.entries(logs).filter(([, log]) => log.startsWith(id));
  return own.map(([name, log]) => ({ name, id: log, bytes: parts[Number.parseInt(log.slice(id.length), 16)]! }));
}

/** The `PackedLogs.id` of every log that a request mentions in its address or its body. */
export function packsIn(url: string, body: unknown): string[] {
  const texts = [url];
  if (Buffer.isBuffer(body) && SPELLINGS.some((spelling) => body.includes(spelling))) texts.push(body.toString("latin1"));
  const ids = texts.flatMap((text) => [...text.matchAll(LOG_ID)].map(([, pack]) => pack!.toLowerCase()));
  return [...new Set(ids)];
}

/** Ids are taken in both. */
const SPELLINGS = [BEGINNING, BEGINNING.toUpperCase()];
const LOG_ID = new RegExp(`(?<![0-9a-f])(${BEGINNING}[0-9a-f]{14})[0-9a-f]{2}(?![0-9a-f])`, "gi");

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
