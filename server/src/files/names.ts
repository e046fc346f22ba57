/** The rules of names (files.md §9). */

const LONGEST = 255;
const FORBIDDEN = /[/\p{Cc}]/u;

/** A name may have anything but a slash and control characters; it counts characters, not bytes. */
export function isFileName(name: string): boolean {
  if (name === "" || name === "." || name === ".." || FORBIDDEN.test(name) || !name.isWellFormed()) return false;
  return name.length <= LONGEST || [...name].length <= LONGEST;
}

/** Folders keep two leading underscores for the platform itself. */
export const isFolderName = (name: string): boolean => isFileName(name) && !name.startsWith("__");

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
