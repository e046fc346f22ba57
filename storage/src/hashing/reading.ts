import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { Worker } from "node:worker_threads";

/** What a reader thread is told: to read a file, by its descriptor, or to stop. */
export type Order = { is: "read"; id: number; from: number; to?: number; algorithm: Algorithm } | { is: "stop"; id: number };

/** What a reader thread answers, once an order to read. */
export type Outcome =
  | { id: number; is: "done"; size: number; digest: string }
  | { id: number; is: "stopped" }
  | { id: number; is: "failed"; message: string; code?: string | undefined; syscall?: string | undefined };

export type Algorithm = "sha256" | "sha1";

/** `size` in bytes; `digest` in lower-case hex digits. */
export interface Digested {
  size: number;
  digest: string;
}

export interface ReadOptions {
  algorithm?: Algorithm;
  /** Rejects with its reason within moments of its abort, however large the file is. */
  signal?: AbortSignal | undefined;
}

/** Files up to this size are read by the calling thread: a thousandth of a second, less than a thread's round trip costs. */
const SMALL = 256 * 1024;

/** Two: one that waits for a slow disk does not stop the others. */
const THREADS = 2;

/**
 * Reads an open file from its beginning to its end and answers its size and digest. Large files are read by threads of
 * their own, which take turns between files, so that neither requests nor small files wait for a large one. A hole in a
 * sparse file is read as the zeros it stands for.
 */
export function digestFile(file: FileHandle, options: ReadOptions = {}): Promise<Digested> {
  return readWhole(file, undefined, options);
}

/** Like `digestFile`, and writes what it reads to `target`, an empty file, on the way. Does not sync. Holes stay holes. */
export function copyFile(file: FileHandle, target: FileHandle, options: ReadOptions = {}): Promise<Digested> {
  return readWhole(file, target, options);
}

async function readWhole(
  file: FileHandle,
  target: FileHandle | undefined,
  { algorithm = "sha256", signal }: ReadOptions,
): Promise<Digested> {
  signal?.throwIfAborted();
  const { size } = await file.stat();
  if (size > SMALL) return inThread(file, target, algorithm, signal);
  // One byte more, which is there when the file has grown since.
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size + 1), 0, size + 1, 0);
  if (bytesRead > size) return inThread(file, target, algorithm, signal);
  const bytes = buffer.subarray(0, bytesRead);
  for (let at = 0; target && at < bytesRead; ) at += (await target.write(bytes, at, bytesRead - at, at)).bytesWritten;
  return { size: bytesRead, digest: createHash(algorithm).update(bytes).digest("hex") };
}

/** Settles when the thread has let go of the descriptors: only then may they be closed, and their numbers be used again. */
async function inThread(
  file: FileHandle,
  target: FileHandle | undefined,
  algorithm: Algorithm,
  signal: AbortSignal | undefined,
): Promise<Digested> {
  const id = ++lastId;
  const reader = leastBusy();
  const stop = () => reader.send({ is: "stop", id });
  const read = reader.read({ is: "read", id, from: file.fd, ...(target ? { to: target.fd } : {}), algorithm });
  signal?.addEventListener("abort", stop, { once: true });
  const outcome = await read.finally(() => signal?.removeEventListener("abort", stop));
  if (outcome.is === "done") return { size: outcome.size, digest: outcome.digest };
  if (outcome.is === "stopped") throw signal!.reason;
  const { message, code, syscall } = outcome;
  throw Object.assign(new Error(message), { code, syscall });
}

let lastId = 0;
const readers: Reader[] = [];

function leastBusy(): Reader {
  const [idlest] = [...readers].sort((a, b) => a.busy - b.busy);
  if (idlest && (idlest.busy === 0 || readers.length === THREADS)) return idlest;
  const reader = new Reader((gone) => void readers.splice(readers.indexOf(gone), 1));
  readers.push(reader);
  return reader;
}

/** A thread that reads files. It keeps the process alive only while it has something to read. */
class Reader {
  readonly #thread = new Worker(new URL("./worker.ts", import.meta.url), { env: {}, stdin: false });
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();

  /** @param gone hears that the thread has ended, which nobody has asked for */
  constructor(gone: (reader: Reader) => void) {
    this.#thread.unref();
    this.#thread.on("message", (outcome: Outcome) => this.#settle(outcome));
    this.#thread.on("error", ({ message }) => this.#fail(`the thread that read it failed: ${message}`));
    this.#thread.on("exit", () => {
      this.#fail("the thread that read it has ended");
      gone(this);
    });
  }

  get busy(): number {
    return this.#waiting.size;
  }

  read(order: Order): Promise<Outcome> {
    this.#thread.ref();
    return new Promise((resolve) => {
      this.#waiting.set(order.id, resolve);
      this.send(order);
    });
  }

  send(order: Order): void {
    this.#thread.postMessage(order);
  }

  #settle(outcome: Outcome): void {
    const settle = this.#waiting.get(outcome.id);
    this.#waiting.delete(outcome.id);
    if (this.busy === 0) this.#thread.unref();
    settle?.(outcome);
  }

  #fail(message: string): void {
    for (const id of [...this.#waiting.keys()]) this.#settle({ id, is: "failed", message });
  }
}
