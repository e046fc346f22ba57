import { createReadStream, createWriteStream } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { ConnectionFailure } from "@causeway/contract/client";
import { CliError, EXIT } from "../exit.ts";

/** Told of bytes as they go over the line; negative when an attempt's are taken back. */
export type OnBytes = (count: number) => void;

/** The other side answered, and will not answer otherwise for asking again. */
export class Refused extends CliError {
  readonly status: number;

  constructor(status: number, text: string) {
    const words = text === "" ? "" : `: ${text.slice(0, 300)}`;
    super(`The store answered ${status}${words}`, { exit: status >= 500 ? EXIT.unavailable : EXIT.failure });
    this.status = status;
  }
}

/** A connection on which nothing moves for so long is given up. */
const SILENCE_MS = 120_000;
/** Pauses before the next attempt, in milliseconds. */
const PAUSES = [300, 1000, 3000, 8000];

/** Tries again after a failed connection and after answers of trouble on the other side, with growing pauses. */
export async function withRetries<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (const wait of PAUSES) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error)) throw error;
    }
    await pause(wait);
  }
  return attempt();
}

/** Whether the same again may work: the line broke, or a link has expired since it was made. */
function mayPass(error: unknown): boolean {
  if (error instanceof Refused)
    return error.status >= 500 || error.status === 403 || error.status === 408 || error.status === 429;
  if (error instanceof ConnectionFailure) return true;
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && LINE_ERRORS.has(code);
}

const LINE_ERRORS = new Set(
  "ECONNRESET ECONNREFUSED EPIPE ETIMEDOUT EAI_AGAIN ENETUNREACH EHOSTUNREACH ENOTFOUND ERR_STREAM_PREMATURE_CLOSE HPE_INVALID_EOF_STATE".split(
    " ",
  ),
);

/** Bytes that are read before they are sent: a stream of a small file takes longer than the file. */
const READ_AT_ONCE = 1 << 20;

/** A range of a local file. */
interface Range {
  path: string;
  start: number;
  length: number;
}

/** Sends `length` bytes of a local file from `start`, and answers the ETag. */
export async function putRange(
  url: string,
  headers: Readonly<Record<string, string>>,
  range: Range,
  onBytes: OnBytes,
): Promise<string> {
  const whole = range.length <= READ_AT_ONCE ? await readRange(range) : undefined;
  const { request, answered } = open("PUT", url, { ...headers, "content-length": String(range.length) });
  let sent = 0;
  const count = (bytes: number) => {
    sent += bytes;
    onBytes(bytes);
  };
  try {
    if (whole) request.end(whole, () => count(whole.length));
    const [response] = await Promise.all([answered, whole ? undefined : streamRange(range, request, answered, count)]);
    const text = await textOf(response);
    if (response.statusCode !== 200 && response.statusCode !== 201) throw new Refused(response.statusCode ?? 0, text);
    return String(response.headers.etag ?? "");
  } catch (error) {
    onBytes(-sent);
    throw error;
  }
}

async function readRange({ path, start, length }: Range): Promise<Buffer> {
  const file = await openFile(path, "r");
  try {
    const buffer = Buffer.alloc(length);
    for (let read = 0; read < length; ) {
      const { bytesRead } = await file.read(buffer, read, length - read, start + read);
      if (bytesRead === 0) throw new CliError(`${path} got shorter while it was uploaded.`);
      read += bytesRead;
    }
    return buffer;
  } finally {
    await file.close();
  }
}

async function streamRange(
  { path, start, length }: Range,
  request: ClientRequest,
  answered: Promise<IncomingMessage>,
  onBytes: OnBytes,
): Promise<void> {
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const bytes = createReadStream(path, { start, end: start + length - 1, highWaterMark: READ_AT_ONCE });
  // A refusal may come before everything is sent; the answer says more than the broken pipe.
  await pipeline(bytes, counted, request).catch(async (error) => {
    const early = await Promise.race([answered.catch(() => undefined), pause(500)]);
    if (!early) throw error;
  });
}

/** Appends to a local file what follows its first `from` bytes. Starts over when the other side knows no ranges. */
export async function getRange(url: string, path: string, from: number, onBytes: OnBytes): Promise<void> {
  const { request, answered } = open("GET", url, from > 0 ? { range: `bytes=${from}-` } : {});
  request.end();
  const response = await answered;
  if (response.statusCode !== 200 && response.statusCode !== 206)
    throw new Refused(response.statusCode ?? 0, await textOf(response));
  const isRest = response.statusCode === 206;
  if (!isRest) onBytes(-from);
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  await pipeline(response, counted, createWriteStream(path, { flags: isRest ? "a" : "w", highWaterMark: 1 << 20 }));
}

/** All bytes of a small file. */
export async function getAll(url: string, onBytes: OnBytes): Promise<Buffer> {
  const { request, answered } = open("GET", url, {});
  request.end();
  const response = await answered;
  if (response.statusCode !== 200) throw new Refused(response.statusCode ?? 0, await textOf(response));
  const bytes = await buffer(response);
  onBytes(bytes.length);
  return bytes;
}

function open(method: string, url: string, headers: Record<string, string>) {
  const request = (url.startsWith("https:") ? httpsRequest : httpRequest)(url, { method, headers, timeout: SILENCE_MS });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve).once("error", reject);
    request.once("timeout", () =>
      request.destroy(Object.assign(new Error("nothing moved for two minutes"), { code: "ETIMEDOUT" })),
    );
  });
  // Whoever sends may fail first and never come to ask for the answer.
  answered.catch(() => {});
  return { request, answered };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return text;
}
