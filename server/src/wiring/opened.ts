import { closesBy } from "../stopping.ts";

/** What must be closed again, the last first. */
export class Opened {
  readonly #stack = new AsyncDisposableStack();
  #deadline = Number.POSITIVE_INFINITY;
  #isInTime = true;

  /** `always`: waited for even when the time is over. */
  push(close: () => unknown, { always = false } = {}): void {
    this.#stack.defer(async () => {
      const isInTime = await closesBy(always ? Number.POSITIVE_INFINITY : this.#deadline, close);
      this.#isInTime &&= isInTime;
    });
  }

  /** Answers whether everything was closed within `ms`; what takes longer is left to the end of the process. */
  async close(ms = Number.POSITIVE_INFINITY): Promise<boolean> {
    this.#deadline = Date.now() + ms;
    await this.#stack.disposeAsync();
    return this.#isInTime;
  }
}
