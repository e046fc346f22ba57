import type { Requirements } from "../model.ts";

/**
 * The values of an `sbg:` requirement or hint of a process or step, as written: requirements first, since apps put the
 * same words under either (execution-hints.md §2). The class is matched by its ending: a packed document may hold the
 * expanded name, with `#`, `/` or nothing between the namespace and the word.
 */
export function vendorValues(
  { requirements, hints }: { requirements: Requirements; hints: Requirements },
  word: string,
): unknown[] {
  return [...(requirements.other ?? []), ...(hints.other ?? [])]
    .filter((each) => each.class === `sbg:${word}` || (/^https?:.*sevenbridges/.test(each.class) && each.class.endsWith(word)))
    .map(({ value }) => value);
}
