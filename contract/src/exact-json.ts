/*
 * Values of tasks may be whole numbers of 64 bits (CWL v1.2 §CWLType `long`), JavaScript's numbers have 53: what is beyond
 * those is a bigint in what the client takes and gives, and all of its digits are sent.
 */

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

const LONG = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** `JSON.parse` that keeps the digits of whole numbers of 64 bits. @throws SyntaxError */
export const parseExactly = (text: string): unknown =>
  // Few texts have so long a number, and a reviver costs several times the reading.
  /\d{16}/.test(text) ? JSON.parse(text, asExact) : JSON.parse(text);

function asExact(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === "number" && source !== undefined ? (exactLong(source) ?? value) : value;
}

/** A whole number in decimal digits as a number, or as a bigint where that has more digits; nothing for other texts. */
export function exactLong(text: string): number | bigint | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  const exact = BigInt(text);
  return exact >= LONG.least && exact <= LONG.most ? exact : undefined;
}

/** `JSON.stringify` that writes bigints as the numbers they are. */
export const textOfJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? rawJSON(String(inner)) : inner), indent);
