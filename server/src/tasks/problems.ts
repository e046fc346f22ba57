import type { TaskProblem } from "./tables.ts";

/** More than that nobody reads, and a list of inputs may hold a mistake in every element. */
const AT_MOST = 1000;

/** What is wrong with a draft, or odd about it: the first problems, how many more there are, and which inputs have any. */
export class Problems {
  readonly #first: TaskProblem[] = [];
  readonly #ports = new Set<string>();
  #more = 0;

  /**
   * `port` is the id of the input, `place` the place in it: `reads[2]`. The message is made only for a problem that is told:
   * there may be as many problems as values.
   */
  add(code: string, port: string, place: string, message: () => string): void {
    this.#ports.add(port);
    if (this.#first.length < AT_MOST) this.#first.push({ code, input: place, message: message() });
    else this.#more++;
  }

  /** Whether an input has any. */
  has(port: string): boolean {
    return this.#ports.has(port);
  }

  told(): TaskProblem[] {
    const last = this.#first.at(-1);
    if (!last || this.#more === 0) return this.#first;
    return [...this.#first, { ...last, message: `${this.#more} more problems are not listed.` }];
  }
}
