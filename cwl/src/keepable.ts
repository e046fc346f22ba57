import { JobError, shown } from "./jobs/job-error.ts";

/** Arrays and objects in each other, at most: no type of CWL that people write is nested so deep, and thousands break programs. */
export const MOST_NESTED = 200;

/** Whether JSON text is nested deeper than `MOST_NESTED`; looked at before it is parsed and walked. */
export function isNestedTooDeep(json: string): boolean {
  // So many brackets need so many characters.
  if (json.length < 2 * MOST_NESTED) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === QUOTE) at = endOfString(json, at);
    else if (char === OPEN_BRACKET || char === OPEN_BRACE) {
      if (++depth > MOST_NESTED) return true;
    } else if (char === CLOSE_BRACKET || char === CLOSE_BRACE) depth--;
  }
  return false;
}

/** Values of an output object that a command writes itself, at most: others wait while they are looked at. */
export const MOST_VALUES = 100_000;

/** Whether JSON text has more values than `MOST_VALUES`; looked at before it is parsed and walked. */
export function hasTooManyValues(json: string): boolean {
  // So many values need so many characters.
  if (json.length < 2 * MOST_VALUES) return false;
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === QUOTE) at = endOfString(json, at);
    // Each value but the first of a list or an object comes after a comma, and each first one after a bracket.
    else if ((char === COMMA || char === OPEN_BRACKET || char === OPEN_BRACE) && ++values > MOST_VALUES) return true;
  }
  return false;
}

const COMMA = 44;
const [QUOTE, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [34, 92, 91, 93, 123, 125];

/** The position of the quote that ends the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at > 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return json.length;
}

/**
 * Refuses what no database keeps: text with a zero byte, or with half of a character that is two in JavaScript; and what
 * is nested too deeply.
 *
 * @throws JobError of kind `output`, with the place and the text as it can be shown
 */
export function refuseUnkeepable(value: unknown, place: string, depth = 0): void {
  if (typeof value === "string") {
    if (!value.includes("\0") && value.isWellFormed()) return;
    const what = value.includes("\0") ? "a zero byte" : "half a character";
    throw new JobError("output", place, `${shown(value)} holds ${what}, which cannot be kept`);
  }
  if (typeof value !== "object" || value === null) return;
  if (depth > MOST_NESTED) throw new JobError("output", place, `arrays and objects are nested deeper than ${MOST_NESTED}`);
  for (const [key, inner] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`;
    if (!Array.isArray(value)) refuseUnkeepable(key, at.toWellFormed().replaceAll("\0", "\\0"), depth + 1);
    refuseUnkeepable(inner, at, depth + 1);
  }
}
