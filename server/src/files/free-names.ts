import { sql } from "kysely";
import type { Sql } from "../db/database.ts";
import { prefixed } from "./names.ts";

/** Candidates that one question asks about. */
const AT_ONCE = 20_000;

/**
 * For each of `names` the first of `name`, `_1_name`, `_2_name`, … that nothing in the folder has and no name before it
 * took: as if the things came one after the other. Few questions for many names.
 */
export async function freeNames(db: Sql, parent: string, names: readonly string[]): Promise<string[]> {
  const free = new Array<string>(names.length);
  const claimed = new Set<string>();
  let waiting = names.map((name, index) => ({ name, index }));
  for (let from = 0, count = 1; waiting.length > 0; from += count, count = Math.min(count * 8, 512)) {
    const still: typeof waiting = [];
    const step = Math.max(1, Math.floor(AT_ONCE / count));
    for (let start = 0; start < waiting.length; start += step) {
      const some = waiting.slice(start, start + step);
      const candidates = some.map(({ name }) => Array.from({ length: count }, (_, index) => prefixed(name, from + index)));
      const taken = await takenNames(db, parent, [...new Set(candidates.flat())]);
      for (const [position, thing] of some.entries()) {
        const found = candidates[position]!.find((candidate) => !taken.has(candidate) && !claimed.has(candidate));
        if (found === undefined) still.push(thing);
        else free[thing.index] = claim(found);
      }
    }
    waiting = still;
  }
  return free;

  function claim(name: string): string {
    claimed.add(name);
    return name;
  }
}

async function takenNames(db: Sql, parent: string, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select name from files where parent = ${parent} and name = any(${names}::text[]) and deleted_at is null`.execute(db);
  return new Set(rows.map(({ name }) => name));
}
