import { PartsRefused } from "./blob-errors.ts";
import type { NamedPart, StoredPart } from "./blob-store.ts";

/**
 * The stored parts that `named` asks for, in order of their numbers.
 * Throws `PartsRefused` unless the numbers are 1 to n without a gap and every ETag is that of the part stored last.
 */
export function pickParts<Part extends StoredPart>(named: readonly NamedPart[], stored: ReadonlyMap<number, Part>): Part[] {
  const inOrder = named.toSorted((a, b) => a.number - b.number);
  return inOrder.map(({ number, etag }, index) => {
    if (number !== index + 1) throw new PartsRefused(`part ${index + 1} is missing or named twice`);
    const part = stored.get(number);
    if (!part) throw new PartsRefused(`part ${number} was never stored`);
    if (part.etag !== etag) throw new PartsRefused(`part ${number} was sent again after it was named`);
    return part;
  });
}
