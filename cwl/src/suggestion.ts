/** A workflow may have thousands of names, and as many wrong ones. */
const SUGGESTED_OF = 1000;
const NAMED_AT_MOST = 100;

/** `did you mean …?`, or all that is allowed. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .slice(0, SUGGESTED_OF)
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => isNear(distance, Math.min(word.length, name.length)))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near) return `did you mean \`${near.name}\`?`;
  if (known.length === 0) return "nothing is allowed here";
  const names = [...new Set(known)].sort();
  return `allowed are ${names.slice(0, NAMED_AT_MOST).join(", ")}${names.length > NAMED_AT_MOST ? ", …" : ""}`;
}

/** At most a third of the letters differ, or a single one; two names of one letter have nothing in common. */
const isNear = (distance: number, letters: number): boolean =>
  distance < letters && distance <= Math.max(1, Math.floor(letters / 3));

/** Letters to insert, drop, replace or swap with their neighbour to get from one word to the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced, isSwap ? before[j - 2]! + 1 : replaced));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
