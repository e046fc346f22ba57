/**
 * Work whose result several callers want at the same time: it is done once for all who ask for it meanwhile, and ended
 * when all of them have given up. A caller without a signal never gives up. Nothing is remembered of work that is done.
 */
export class SharedWork<T> {
  readonly #underWay = new Map<string, { result: Promise<T>; waiting: number; abandon: AbortController }>();

  /**
   * The result of the work called `name`, which `begin` does unless it is under way. `begin` gets a signal that aborts
   * when nobody waits any more; whoever asks after that begins anew.
   *
   * @throws the reason of `signal`, as soon as that aborts; what the work throws
   */
  async join(name: string, begin: (abandoned: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const work = this.#underWay.get(name) ?? this.#start(name, begin);
    work.waiting++;
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const giveUp = () => {
      if (--work.waiting === 0) {
        if (this.#underWay.get(name) === work) this.#underWay.delete(name);
        work.abandon.abort(signal!.reason);
      }
      reject(signal!.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    return Promise.race([work.result, givenUp]).finally(() => signal?.removeEventListener("abort", giveUp));
  }

  #start(name: string, begin: (abandoned: AbortSignal) => Promise<T>) {
    const abandon = new AbortController();
    const result = begin(abandon.signal).finally(() => {
      if (this.#underWay.get(name) === work) this.#underWay.delete(name);
    });
    result.catch(() => {}); // Whoever waits hears of it; of abandoned work nobody does.
    const work = { result, waiting: 0, abandon };
    this.#underWay.set(name, work);
    return work;
  }
}
