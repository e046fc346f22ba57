import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Answer, Batch, Evaluation, Library, Limits, Verdict, WorkerStart } from "./messages.ts";

export const DEFAULT_LIMITS: Limits = { milliseconds: 5000, memoryBytes: 64 * 2 ** 20 };

/** What a caller asks for; see `Evaluation` for the fields. */
export interface Question {
  library: Library;
  code: string;
  isBody: boolean;
  variables: string;
}

interface Waiting {
  question: Question;
  answer: (answer: Answer) => void;
  fail: (error: Error) => void;
}

/** An evaluation that has not ended this long after its own deadline is stuck where QuickJS does not look at the clock. */
const GRACE_MILLISECONDS = 250;
const WATCH_MILLISECONDS = 50;
/** Evaluations given to a worker at once: enough to hide the message's cost, few enough to be repeated cheaply. */
const BATCH = 64;

/**
 * Worker threads that evaluate JavaScript in QuickJS. They start when first needed; a second one starts when the
 * others are held up by a slow expression. A worker that overruns is terminated from outside and replaced: its one
 * guilty evaluation fails, the others are asked again.
 */
export class SandboxPool {
  readonly #limits: Limits;
  readonly #size: number;
  readonly #workers = new Set<SandboxWorker>();
  #queue: Waiting[] = [];
  #isFlushPlanned = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(limits: Limits = DEFAULT_LIMITS, size = Math.max(2, Math.min(4, availableParallelism()))) {
    this.#limits = limits;
    this.#size = size;
  }

  get limits(): Limits {
    return this.#limits;
  }

  /** Starts the first worker, so that it is ready when it is needed. */
  warm(): void {
    if (this.#workers.size === 0) this.#start();
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.#queue.push({ question, answer, fail });
      if (this.#isFlushPlanned) return;
      this.#isFlushPlanned = true;
      // After this turn: everything that is asked in it travels in one message.
      setImmediate(() => {
        this.#isFlushPlanned = false;
        this.#flush();
      });
    });
  }

  /** Ends the workers. What is still waiting fails; a later question starts anew. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    this.#watch = undefined;
    const workers = [...this.#workers];
    this.#workers.clear();
    const unanswered = [...this.#queue.splice(0), ...workers.flatMap((worker) => worker.takeBack())];
    await Promise.all(workers.map((worker) => worker.terminate()));
    for (const { fail } of unanswered) fail(new Error("the JavaScript sandbox was closed"));
  }

  #flush(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idleWorker();
      if (!worker) break;
      worker.send(this.#queue.splice(0, BATCH));
    }
    if (!this.#watch && this.#workers.size > 0) {
      this.#watch = setInterval(() => this.#look(), WATCH_MILLISECONDS);
      this.#watch.unref();
    }
  }

  #idleWorker(): SandboxWorker | undefined {
    for (const worker of this.#workers) if (worker.load === 0) return worker;
    const isHeldUp = [...this.#workers].every((worker) => worker.isSlow);
    return isHeldUp && this.#workers.size < this.#size ? this.#start() : undefined;
  }

  #start(): SandboxWorker {
    const worker = new SandboxWorker(
      this.#limits,
      () => this.#flush(),
      (error) => this.#replace(worker, error),
    );
    this.#workers.add(worker);
    return worker;
  }

  /** Ends workers that overran, and lets waiting work go around slow ones. */
  #look(): void {
    let isBusy = false;
    for (const worker of this.#workers) {
      worker.look();
      if (worker.load > 0) isBusy = true;
      if (worker.heldUpMilliseconds > this.#limits.milliseconds + GRACE_MILLISECONDS) this.#replace(worker);
    }
    this.#flush();
    if (!isBusy) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
  }

  /** Takes a worker out. The evaluation it was at fails, with `error` or for its time; the others go back to the queue. */
  #replace(worker: SandboxWorker, error?: Error): void {
    if (!this.#workers.delete(worker)) return;
    const guilty = worker.takeGuilty();
    const others = worker.takeBack();
    void worker.terminate();
    if (error && !guilty && !worker.hasAnswered) {
      // It cannot even start: another one would not either.
      for (const { fail } of others) fail(new Error("the JavaScript sandbox does not start", { cause: error }));
      return;
    }
    this.#queue.unshift(...others);
    const why = error
      ? `the JavaScript engine broke down on it: ${error.message}`
      : `it ran longer than ${this.#limits.milliseconds / 1000} s and was stopped`;
    guilty?.answer({ failure: { why, limit: error ? "memory" : "time" } });
    this.#flush();
  }
}

/** One thread and what it was asked. */
class SandboxWorker {
  readonly #progress = new Int32Array(new SharedArrayBuffer(4));
  readonly #asked = new Map<number, Waiting>();
  readonly #thread: Worker;
  readonly #onFree: () => void;
  #hasAnswered = false;
  #nextSequence = 1;
  #seen = 0;
  #seenAt = performance.now();

  constructor(limits: Limits, onFree: () => void, onBroken: (error: Error) => void) {
    this.#onFree = onFree;
    this.#thread = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: { progress: this.#progress, limits } satisfies WorkerStart,
      // 16 MB hold what QuickJS's own stack limit lets through; without it the WebAssembly module is poisoned.
      resourceLimits: { stackSizeMb: 16 },
      env: {},
      stdin: false,
    });
    this.#thread.on("message", (verdicts: Verdict[]) => this.#receive(verdicts));
    this.#thread.on("error", (error) => onBroken(error as Error));
    this.#thread.on("exit", (code) => onBroken(new Error(`the worker ended with code ${code}`)));
    this.#thread.unref();
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Evaluations that are not answered. */
  get load(): number {
    return this.#asked.size;
  }

  /** How long the current evaluation has been seen running; 0 while the thread starts. */
  get heldUpMilliseconds(): number {
    return this.#seen === 0 ? 0 : performance.now() - this.#seenAt;
  }

  get isSlow(): boolean {
    return this.heldUpMilliseconds > WATCH_MILLISECONDS;
  }

  send(waiting: Waiting[]): void {
    const libraries = new Set<Library>();
    const evaluations: Evaluation[] = [];
    for (const asked of waiting) {
      const { library, code, isBody, variables } = asked.question;
      const sequence = this.#nextSequence++;
      this.#asked.set(sequence, asked);
      libraries.add(library);
      evaluations.push({ sequence, realm: library.realm, library: library.library, code, isBody, variables });
    }
    // A process waits for its answers, not for idle threads.
    this.#thread.ref();
    this.#thread.postMessage({ libraries: [...libraries], evaluations } satisfies Batch);
  }

  look(): void {
    const current = Atomics.load(this.#progress, 0);
    if (current === this.#seen) return;
    this.#seen = current;
    this.#seenAt = performance.now();
  }

  takeGuilty(): Waiting | undefined {
    const sequence = Atomics.load(this.#progress, 0);
    const guilty = this.#asked.get(sequence);
    this.#asked.delete(sequence);
    return guilty;
  }

  takeBack(): Waiting[] {
    const waiting = [...this.#asked.values()];
    this.#asked.clear();
    return waiting;
  }

  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }

  #receive(verdicts: Verdict[]): void {
    this.#hasAnswered = true;
    for (const { sequence, ...answer } of verdicts) {
      const asked = this.#asked.get(sequence);
      this.#asked.delete(sequence);
      asked?.answer(answer);
    }
    if (this.#asked.size > 0) return;
    this.#thread.unref();
    this.#onFree();
  }
}
