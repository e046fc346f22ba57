/** Work that goes one at a time where it has the same name, in the order of asking, within this process. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(name);
    // How the work before ended is for whoever asked for it.
    const ours = before ? before.then(work, work) : work();
    this.#last.set(name, ours);
    try {
      return await ours;
    } finally {
      if (this.#last.get(name) === ours) this.#last.delete(name);
    }
  }
}
