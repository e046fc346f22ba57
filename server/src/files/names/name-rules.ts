/** The rules of names (files.md §9), for every door through which a name comes in: calls, outputs, logs. */

const LONGEST = 255;
const FORBIDDEN = /[/\p{Cc}]/u;

/** A name may have anything but a slash and control characters; it counts characters, not bytes. */
export function isFileName(name: string): boolean {
  if (name === "" || name === "." || name === ".." || name.length > 2 * LONGEST || FORBIDDEN.test(name) || !name.isWellFormed())
    return false;
  return hasAtMost(LONGEST, name);
}

/** Whether a text has at most so many characters, each one or two code units; a text of megabytes is not taken apart. */
export const hasAtMost = (characters: number, text: string): boolean =>
  text.length <= characters || (text.length <= 2 * characters && [...text].length <= characters);

/** Folders keep two leading underscores for the platform itself. */
export const isFolderName = (name: string): boolean => isFileName(name) && !name.startsWith("__");

/** What `isFileName` and `isFolderName` want, as messages say it. */
export const NAME_RULE = "a name has 1 to 255 characters, no slash and no control characters, and is neither `.` nor `..`";

/**
 * The nearest name that fits, for names that nobody is there to be asked about: what is forbidden becomes `_`, what is too
 * long loses its end, and a folder keeps one underscore in front. Always the same for the same name, and a name that fits
 * stays as it is.
 */
export function fittingName(name: string, type: "file" | "folder"): string {
  const characters = [...name.toWellFormed()].slice(0, LONGEST);
  const text = characters.map((character) => (FORBIDDEN.test(character) ? "_" : character)).join("");
  const plain = text === "" || text === "." || text === ".." ? "_" : text;
  return type === "folder" ? plain.replace(/^__+/, "_") : plain;
}

/** The name to try when `name` is taken: `_1_run.bam`, then `_2_run.bam`. What gets too long loses its end before the extension. */
export function prefixed(name: string, attempt: number): string {
  if (attempt === 0) return name;
  const prefix = `_${attempt}_`;
  const characters = [...name];
  const excess = prefix.length + characters.length - LONGEST;
  if (excess <= 0) return prefix + name;
  const dot = characters.lastIndexOf(".");
  const stem = dot > excess ? dot : characters.length;
  return prefix + [...characters.slice(0, stem - excess), ...characters.slice(stem)].join("");
}
