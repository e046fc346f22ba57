/*
 * CWL's `long` has 64 bits (CWL v1.2 §CWLType), JavaScript's numbers 53. A whole number beyond those is a `bigint` in every
 * value of the engine, and JSON is written and read with all of its digits: here is the whole of it. Only JavaScript of
 * documents sees such a number as the nearest that JavaScript has.
 */

/** JSON writes a bigint as the number it is; without this, `JSON.stringify` refuses it, wherever one may be. */
Object.defineProperty(BigInt.prototype, "toJSON", {
  configurable: true,
  writable: true,
  value(this: bigint) {
    return rawJson(String(this));
  },
});

/** A text that `JSON.stringify` writes as it is. */
export const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/** A whole number in decimal digits, exact: a number where JavaScript's numbers are exact, else a bigint. */
export function wholeNumber(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits.replace(/^\+/, ""));
}

/** `JSON.parse` that keeps the digits of whole numbers beyond 2^53. @throws SyntaxError */
export function parseExactJson(text: string): unknown {
  // Few texts have so long a number, and a reviver costs several times the reading. Ids and digests have such digits, too,
  // within their quotes.
  return /(?:^|[\s:,[])-?\d{16}/.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text);
}

/** A reviver of `JSON.parse` that keeps the digits of a `long`; larger numbers can be nothing but a `double`. */
export function exactNumber(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  if (typeof value !== "number" || source === undefined || !/^-?\d{16,}$/.test(source)) return value;
  const exact = wholeNumber(source);
  return isLong(exact) ? exact : value;
}

const LONG = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** Whether a value is a whole number of 64 bits. Doubles of a whole value count, however they were computed. */
export function isLong(value: unknown): boolean {
  if (typeof value === "bigint") return value >= LONG.least && value <= LONG.most;
  return typeof value === "number" && Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}
