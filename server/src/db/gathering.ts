/** The largest batch: how many pieces of work one statement has at most. */
const MOST = 100;

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Does many small pieces of work of one moment as one. What is asked for while a batch is under way waits, and makes up
 * the next batch: work that comes alone is done at once, and the more comes together, the less each piece costs. Nothing
 * is done with what was read before it was asked for.
 *
 * `work` answers one result for each item, in their order, and is atomic: one statement, or one transaction. When a batch
 * fails, its pieces are done again one by one, so that each has its own error, and the next batch does not wait for them.
 */
export function gathering<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let isUnderWay = false;

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isUnderWay) void workOff();
    });

  async function workOff(): Promise<void> {
    isUnderWay = true;
    while (waiting.length > 0) await doTogether(waiting.splice(0, MOST));
    isUnderWay = false;
  }

  async function doTogether(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await work(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else for (const one of batch) void doAlone(one);
    }
  }

  async function doAlone({ item, resolve, reject }: Waiting<Item, Result>): Promise<void> {
    try {
      resolve((await work([item]))[0]!);
    } catch (error) {
      reject(error);
    }
  }
}
