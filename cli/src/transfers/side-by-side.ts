/**
 * Does `work` for every item, at most `width` at once, and takes the next item only when there is room for it: however
 * many there are, few are in memory. The first failure ends the taking; it is thrown when what is under way has ended.
 */
export async function sideBySide<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const waiting = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let index = 0;
  let failure: { error: unknown } | undefined;
  const lane = async () => {
    try {
      while (!failure) {
        const next = await waiting.next();
        if (next.done) return;
        await work(next.value, index++);
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  if (failure) throw failure.error;
}

/** Lets at most `width` pieces of work go on at once; the others wait in the order of their coming. */
export function atMost(width: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let free = width;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
