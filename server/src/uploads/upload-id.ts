import { randomBytes } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 64 letters and digits, more than 370 random bits: clients put it into paths as it is. */
export function newUploadId(): string {
  let id = "";
  while (id.length < 64) {
    // Beyond 247 the remainder would favour some letters.
    for (const byte of randomBytes(64)) if (byte < 248 && id.length < 64) id += ALPHABET[byte % ALPHABET.length];
  }
  return id;
}
