import { sql } from "kysely";
import type { Sql } from "../../db/database.ts";
import { prefixed } from "./name-rules.ts";

/** Candidates that one question asks about. */
const AT_ONCE = 20_000;

/**
 * For each of `names` the first of `name`, `_1_name`, `_2_name`, … that nothing in the folder has and no name before it
 * took: as if the things came one after the other. Few questions for many names.
 */
export async function freeNames(db: Sql, parent: string, names: readonly string[]): Promise<string[]> {
  const prefixes = await freePrefixes(
    db,
    parent,
    names.map((name) => [name]),
  );
  return names.map((name, index) => prefixed(name, prefixes[index]!));
}

/**
 * The same for groups of names that share one prefix, a file and its companions: for each group the first number whose
 * prefix makes all of its names free.
 */
export async function freePrefixes(db: Sql, parent: string, groups: readonly (readonly string[])[]): Promise<number[]> {
  const found = new Array<number>(groups.length);
  const claimed = new Set<string>();
  let waiting = groups.map((names, index) => ({ names, index }));
  for (let from = 0, count = 1; waiting.length > 0; from += count, count = Math.min(count * 8, 512)) {
    const still: typeof waiting = [];
    const numbers = Array.from({ length: count }, (_, index) => from + index);
    for (const some of inLots(waiting, count)) {
      const asked = some.flatMap(({ names }) => numbers.flatMap((number) => names.map((name) => prefixed(name, number))));
      const taken = await takenNames(db, parent, [...new Set(asked)]);
      const isFree = (name: string) => !taken.has(name) && !claimed.has(name);
      for (const group of some) {
        const number = numbers.find((number) => group.names.every((name) => isFree(prefixed(name, number))));
        if (number === undefined) still.push(group);
        else found[group.index] = claim(group.names, number);
      }
    }
    waiting = still;
  }
  return found;

  function claim(names: readonly string[], number: number): number {
    for (const name of names) claimed.add(prefixed(name, number));
    return number;
  }
}

/** Cuts the groups into lots that have about `AT_ONCE` candidates each, `count` for a name. */
function* inLots<Group extends { names: readonly string[] }>(groups: readonly Group[], count: number): Generator<Group[]> {
  let lot: Group[] = [];
  let size = 0;
  for (const group of groups) {
    lot.push(group);
    size += group.names.length * count;
    if (size < AT_ONCE) continue;
    yield lot;
    [lot, size] = [[], 0];
  }
  if (lot.length > 0) yield lot;
}

async function takenNames(db: Sql, parent: string, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select name from files where parent = ${parent} and name = any(${names}::text[]) and deleted_at is null`.execute(db);
  return new Set(rows.map(({ name }) => name));
}
