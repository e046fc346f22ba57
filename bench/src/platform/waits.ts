import { Worker } from "node:worker_threads";
import type { Platform } from "../platform.ts";

/** Often enough to meet what blocks the platform, so rarely that it is no load itself. */
const EVERY_MS = 25;

/** Somebody else who asks the platform for something small, again and again, from a thread of its own. */
export class Waits {
  readonly #sampler: Worker;

  constructor({ url, token }: Platform) {
    const workerData = { url: `${url}/user`, token, everyMs: EVERY_MS };
    this.#sampler = new Worker(new URL("../others-wait-sampler.ts", import.meta.url), { workerData });
  }

  /** Milliseconds of the slowest answer since this was asked the last time. */
  slowest(): Promise<number> {
    return new Promise((answer) => {
      this.#sampler.once("message", answer);
      this.#sampler.postMessage("slowest");
    });
  }

  async close(): Promise<void> {
    await this.#sampler.terminate();
  }
}
