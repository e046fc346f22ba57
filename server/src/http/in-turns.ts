import { setImmediate as afterOthers } from "node:timers/promises";

/** How long parts of an answer are made before others, who have asked meanwhile, get a turn. */
const AT_ONCE_MS = 20;

/** What is called between two parts of long work, and waited for: it lets others go on when they have waited long enough. */
export function turnTaker(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < AT_ONCE_MS) return;
    await afterOthers();
    since = performance.now();
  };
}

/** As `items.map(make)`, with turns for others in between: a page may have a hundred things of half a megabyte. */
export async function inTurns<Item, Made>(items: readonly Item[], make: (item: Item) => Made): Promise<Made[]> {
  const takeTurn = turnTaker();
  const made: Made[] = [];
  for (const item of items) {
    made.push(make(item));
    await takeTurn();
  }
  return made;
}
