/** JSON in which whole numbers beyond 2^53 stay as they were written: documents have them as values of type long. */

interface RawJson {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
const { rawJSON, isRawJSON } = JSON as unknown as RawJson;

export const rawJson = (text: string): unknown => rawJSON(text);
export const isRawJson = (value: unknown): boolean => isRawJSON(value);

/** @throws SyntaxError; RangeError for what is nested too deeply */
export const parseExactly = (text: string): unknown =>
  // The reviver costs as much as all the rest.
  /\d{16}/.test(text) ? JSON.parse(text, asWritten) : JSON.parse(text);

function asWritten(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  const isInexact = typeof value === "number" && source !== undefined && !Number.isSafeInteger(value) && /^-?\d+$/.test(source);
  return isInexact ? rawJSON(source) : value;
}

export const textOfJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? rawJSON(String(inner)) : inner));
