import { randomBytes } from "node:crypto";

/**
 * Lower case, so that file systems without case keep keys apart; no slash and no leading dot, so that a key is a file
 * name and never a path.
 */
export const BLOB_KEY = /^[a-z0-9][a-z0-9._-]{0,127}$/;

/** A key nobody has: 32 hex digits. Random from the first digit on, because the disk store spreads keys by their first two. */
export function newBlobKey(): string {
  return randomBytes(16).toString("hex");
}

/** Throws when `key` is no key: keys are made by us, so this is a mistake in the program. */
export function checkBlobKey(key: string): void {
  if (!BLOB_KEY.test(key)) throw new TypeError(`not a blob key: ${JSON.stringify(key)}`);
}

/** Parts are numbered 1 to 10,000 (uploads.md §3.4). */
export function checkPartNumber(number: number): void {
  if (!Number.isInteger(number) || number < 1 || number > 10_000) throw new RangeError(`not a part number: ${number}`);
}
