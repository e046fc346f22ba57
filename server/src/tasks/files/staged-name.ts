import { createHash } from "node:crypto";

/** What a name may have on a disk, in bytes; names of the platform have as many characters. */
const LONGEST_BYTES = 255;
/** A stem of more than so many bytes is shortened, wherever it stands: what is appended to it has room then. */
const LONGEST_STEM = 223;
const KEPT_OF_STEM = 200;

/** The endings of a name: `.recal.bam.bai`. */
const ENDINGS = /(\.[A-Za-z0-9_-]{1,16})*$/;

/**
 * The name under which a file or folder of the platform lies on the disk of a job, which is the `basename` that the tool
 * sees: its own, or, where that could be too long for a file system, a shortened one: `stem-1b2c3d4e.bam`.
 *
 * It depends on the name alone, so that it is the same each time; endings stay, and what differs from another in endings
 * alone (`x.bam`, `x.bam.bai`, `x.bai`) does so afterwards, so that patterns for secondary files hold.
 */
export function stagedName(name: string): string {
  const endings = ENDINGS.exec(name)![0];
  const stem = name.slice(0, name.length - endings.length);
  const isPlain = Buffer.byteLength(stem) === stem.length;
  if (isPlain || (Buffer.byteLength(stem) <= LONGEST_STEM && Buffer.byteLength(name) <= LONGEST_BYTES)) return name;
  const shortened = shortenedStem(stem) + endings;
  if (Buffer.byteLength(shortened) <= LONGEST_BYTES) return shortened;
  return shortenedStem(name) + name.slice(name.lastIndexOf("."));
}

/** Cut between characters; the hash of the whole tells it from others that begin alike. */
function shortenedStem(stem: string): string {
  let kept = "";
  for (const character of stem) {
    if (Buffer.byteLength(kept + character) > KEPT_OF_STEM) break;
    kept += character;
  }
  return `${kept}-${createHash("sha256").update(stem).digest("hex").slice(0, 8)}`;
}
