import { setImmediate as turn } from "node:timers/promises";

/** Elements that are sorted or merged before others get a turn: a few milliseconds. */
const AT_ONCE = 8192;

/**
 * Sorts by `sort`, unit by unit, as one `sort` would, in steps between which everything else that this process does goes
 * on: a million names in one step are seconds. @throws the signal's reason
 */
export async function sortInTurns<Item extends { sort: string }>(items: readonly Item[], signal: AbortSignal): Promise<Item[]> {
  const runs: Item[][] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    runs.push(items.slice(start, start + AT_ONCE).sort((a, b) => (a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : 0)));
    await pause(signal);
  }
  while (runs.length > 1) {
    const [first, second] = runs.splice(0, 2) as [Item[], Item[]];
    runs.push(await merged(first, second, signal));
  }
  return runs[0] ?? [];
}

async function merged<Item extends { sort: string }>(first: Item[], second: Item[], signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let [left, right] = [0, 0];
  while (left < first.length || right < second.length) {
    const takesLeft = right === second.length || (left < first.length && first[left]!.sort <= second[right]!.sort);
    items.push(takesLeft ? first[left++]! : second[right++]!);
    if (items.length % AT_ONCE === 0) await pause(signal);
  }
  return items;
}

async function pause(signal: AbortSignal): Promise<void> {
  await turn();
  signal.throwIfAborted();
}
