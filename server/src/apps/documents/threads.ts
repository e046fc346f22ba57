import { getCompileCacheDir } from "node:module";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import type { LoadLimits } from "@causeway/cwl";
import { ApiError } from "../../http/errors.ts";
import { SETTINGS } from "../../settings.ts";
import type { Decoded, DocumentAnswer, DocumentJob, ThreadData } from "./messages.ts";

export interface ThreadSettings {
  limits: LoadLimits;
  /** Of one job. */
  seconds: number;
  /** Of one thread. */
  memoryMiB: number;
  /** Documents of one user that may wait for a thread. */
  waitingAtMost: number;
}

/** For whom a document is worked on: whose turn that takes. */
export interface AskedFor {
  user: string;
  /** For a task that runs, which waits however many wait before it: of these there are as many as tasks are driven. */
  isForTask?: boolean;
}

/** A document was not finished within a limit of the thread: `message` names it and its setting. */
export class DocumentStopped extends Error {}

interface Waiting {
  job: DocumentJob;
  done(result: unknown): void;
  fail(error: Error): void;
  decoded(decoded: Decoded): void;
}

/** At least two, so that another user's document does not wait behind one that takes its whole time. */
const THREADS_AT_MOST = Math.max(2, Math.min(4, availableParallelism()));
/** An idle thread holds memory for nothing. */
const IDLE_MS = 60_000;

/**
 * Threads that work on documents, so that whatever a document costs, the thread that answers requests does not pay it.
 * They start when they are needed and end when nothing comes for a while. Each does one job at a time, within its time
 * and memory: one that exceeds them is ended with its thread, and nobody else's work with it. Users take turns, and one
 * user's jobs are done one after the other.
 */
export class DocumentThreads {
  readonly #settings: ThreadSettings;
  /** What waits, by user; the user whose turn it is first. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #served = new Set<string>();
  readonly #idle: Thread[] = [];
  readonly #threads = new Set<Thread>();
  #isClosed = false;

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
  }

  /**
   * @param onDecoded told of an upload what could be read, before the rest is done
   * @throws DocumentStopped; ApiError `rateLimitExceeded` when as many of the user's wait as may
   */
  do(
    { user, isForTask = false }: AskedFor,
    job: DocumentJob,
    onDecoded: (decoded: Decoded) => void = () => {},
  ): Promise<unknown> {
    return new Promise((done, fail) => {
      if (this.#isClosed) return fail(new Error("the platform is being closed"));
      const waiting = this.#waiting.get(user) ?? [];
      if (!isForTask && waiting.length >= this.#settings.waitingAtMost) return fail(this.#tooMany());
      waiting.push({ job, done, fail, decoded: onDecoded });
      this.#waiting.set(user, waiting);
      this.#serve();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { fail } of [...this.#waiting.values()].flat()) fail(new Error("the platform is being closed"));
    this.#waiting.clear();
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #tooMany(): ApiError {
    const { variable } = SETTINGS.documentsWaiting;
    return new ApiError(
      "rateLimitExceeded",
      `No more than ${this.#settings.waitingAtMost} of your documents may wait to be read at once (${variable}): send the next when one has been answered.`,
    );
  }

  #serve(): void {
    for (const [user, waiting] of this.#waiting) {
      if (this.#served.has(user)) continue;
      const thread = this.#idle.pop() ?? (this.#threads.size < THREADS_AT_MOST ? this.#start() : undefined);
      if (!thread) return;
      const next = waiting.shift()!;
      // The next turn of this user comes after that of everybody who waits now.
      this.#waiting.delete(user);
      if (waiting.length > 0) this.#waiting.set(user, waiting);
      this.#served.add(user);
      thread.do(next, () => {
        this.#served.delete(user);
        if (this.#threads.has(thread) && !this.#isClosed) this.#idle.push(thread);
        this.#serve();
      });
    }
  }

  #start(): Thread {
    const thread = new Thread(this.#settings, () => {
      this.#threads.delete(thread);
      const at = this.#idle.indexOf(thread);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    this.#threads.add(thread);
    return thread;
  }
}

class Thread {
  readonly #settings: ThreadSettings;
  readonly #thread: Worker;
  readonly #onEnd: () => void;
  #current: { waiting: Waiting; free: () => void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Starting is not the document's time. */
  #isUp = false;

  constructor(settings: ThreadSettings, onEnd: () => void) {
    this.#settings = settings;
    this.#onEnd = onEnd;
    this.#thread = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: { limits: settings.limits } satisfies ThreadData,
      // Nesting up to the limit that a setting may have must fit on the stack.
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMiB, stackSizeMb: 16 },
      env: compileCacheEnvironment(),
      stdin: false,
    });
    this.#thread.on("message", (answer: DocumentAnswer) => this.#hear(answer));
    this.#thread.on("error", (error) => this.#break(whyBroken(error as Error, settings)));
    this.#thread.on("exit", (code) => this.#break(new Error(`the thread for documents ended with code ${code}`)));
    this.#rest();
  }

  do(waiting: Waiting, free: () => void): void {
    this.#current = { waiting, free };
    this.#thread.ref();
    clearTimeout(this.#timer);
    if (this.#isUp) this.#startClock();
    const { job } = waiting;
    this.#thread.postMessage(job, job.do === "receive" ? [job.bytes.buffer as ArrayBuffer] : []);
  }

  #startClock(): void {
    const { seconds } = this.#settings;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const { variable } = SETTINGS.documentSeconds;
      this.#break(new DocumentStopped(`it took longer than ${seconds} s to load, and that is all it may take (${variable})`));
      void this.end();
    }, seconds * 1000);
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#thread.terminate();
  }

  #hear(answer: DocumentAnswer): void {
    if (answer.is === "up") {
      this.#isUp = true;
      if (this.#current) this.#startClock();
      return;
    }
    if (answer.is === "decoded") {
      this.#current?.waiting.decoded(answer.decoded);
      return;
    }
    const current = this.#current;
    this.#current = undefined;
    if (answer.is === "result") current?.waiting.done(answer.result);
    else current?.waiting.fail(answer.error);
    this.#rest();
    current?.free();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#thread.unref();
    this.#timer = setTimeout(() => {
      this.#onEnd();
      void this.end();
    }, IDLE_MS);
    this.#timer.unref();
  }

  /** The thread is gone, and with it what it was at. */
  #break(error: Error): void {
    clearTimeout(this.#timer);
    this.#onEnd();
    const current = this.#current;
    this.#current = undefined;
    current?.waiting.fail(error);
    current?.free();
  }
}

/** Of the environment a thread gets only this: it takes its code from the cache of this process, if there is one. */
function compileCacheEnvironment(): Record<string, string> {
  // Node tells the folder of its own version and flags, below the one that it was given.
  const directory = getCompileCacheDir();
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}

function whyBroken(error: Error & { code?: string }, { memoryMiB }: ThreadSettings): Error {
  if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") return error;
  const { variable } = SETTINGS.documentMemoryMiB;
  return new DocumentStopped(`loading it took more than ${memoryMiB} MiB of memory, and that is all it may take (${variable})`);
}
