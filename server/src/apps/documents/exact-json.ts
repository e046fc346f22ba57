/** JSON in which whole numbers of any size stay as they were written: a document is kept as its author sent it. */

const { rawJSON, isRawJSON } = JSON as unknown as { rawJSON(text: string): unknown; isRawJSON(value: unknown): boolean };

export const isRawJson = (value: unknown): boolean => isRawJSON(value);

/** @throws SyntaxError; RangeError for what is nested too deeply */
export const parseAsWritten = (text: string): unknown =>
  // The reviver costs as much as all the rest.
  /\d{16}/.test(text) ? JSON.parse(text, asWritten) : JSON.parse(text);

function asWritten(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  const isInexact = typeof value === "number" && source !== undefined && !Number.isSafeInteger(value) && /^-?\d+$/.test(source);
  return isInexact ? rawJSON(source) : value;
}
