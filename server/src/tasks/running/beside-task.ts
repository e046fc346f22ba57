/** Work for a task that nothing of it waits for but its end: what its jobs made is kept, their ends are written down. */
export class BesideTask {
  readonly #works = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;

  add(work: Promise<void>): void {
    const over = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#works.delete(over));
    this.#works.add(over);
  }

  /** Resolves when all is done. @throws the first thing that went wrong */
  async done(): Promise<void> {
    await this.settled();
    if (this.#failure) throw this.#failure.error;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#works);
  }
}
