import { createHash, randomBytes } from "node:crypto";

/** A new token: 32 lower-case hex digits (128 random bits), the look that scripts and clients expect. */
export const makeToken = (): string => randomBytes(16).toString("hex");

/** What is stored of a token. It has 128 bits of entropy, so one round of SHA-256 cannot be turned back. */
export const hashToken = (token: string): Buffer => createHash("sha256").update(token).digest();
