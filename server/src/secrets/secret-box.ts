import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Tx } from "../db/database.ts";
import type { Keyring, SecretKey } from "./keyring.ts";

/**
 * Encrypts what is secret of the database's rows (AES-256-GCM). `about` names the row and the column: what was sealed for
 * one cannot be opened as another's.
 */
export interface SecretBox {
  /** In the transaction that stores it: a rotation of keys waits for it, or it for the rotation. */
  seal(tx: Tx, text: string, about: string): Promise<Buffer>;
  /** @throws SecretUnreadable when the key is not there, or these are not the bytes that were sealed */
  open(sealed: Buffer, about: string): Promise<string>;
  /** The name of the key that it was sealed with. */
  keyOf(sealed: Buffer): string;
}

/** A secret that cannot be decrypted: its key is lost, or it was tampered with. Nothing of it is in the message. */
export class SecretUnreadable extends Error {
  override name = "SecretUnreadable";
}

// The layout: version, key, nonce, tag, ciphertext.
const VERSION = 1;
const KEY_END = 9;
const NONCE_END = 21;
const TAG_END = 37;

/** The advisory lock of those who seal (shared) and of rotations (exclusive). */
const LOCK = 7_016_401;

export const lockRotations = (tx: Tx) => sql`select pg_advisory_xact_lock(${LOCK}::bigint)`.execute(tx);

export function createSecretBox(keyring: Keyring): SecretBox {
  let known: readonly SecretKey[] = [];
  return {
    async seal(tx, text, about) {
      await sql`select pg_advisory_xact_lock_shared(${LOCK}::bigint)`.execute(tx);
      known = await keyring.keys();
      return sealWith(known[0]!, text, about);
    },
    async open(sealed, about) {
      const id = keyIdOf(sealed);
      let key = known.find((each) => each.id === id);
      if (!key) {
        known = await keyring.keys();
        key = known.find((each) => each.id === id);
      }
      if (!key) throw new SecretUnreadable(`A secret was encrypted with a key that is not there any more (${id}).`);
      return openWith(key, sealed, about);
    },
    keyOf: keyIdOf,
  };
}

export function sealWith({ id, bytes }: SecretKey, text: string, about: string): Buffer {
  const nonce = randomBytes(NONCE_END - KEY_END);
  const cipher = createCipheriv("aes-256-gcm", bytes, nonce).setAAD(Buffer.from(about));
  const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(id, "hex"), nonce, cipher.getAuthTag(), encrypted]);
}

export function openWith({ bytes }: SecretKey, sealed: Buffer, about: string): string {
  if (sealed[0] !== VERSION || sealed.length < TAG_END) throw new SecretUnreadable("A secret has an unknown form.");
  const decipher = createDecipheriv("aes-256-gcm", bytes, sealed.subarray(KEY_END, NONCE_END))
    .setAAD(Buffer.from(about))
    .setAuthTag(sealed.subarray(NONCE_END, TAG_END));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(TAG_END)), decipher.final()]).toString("utf8");
  } catch {
    throw new SecretUnreadable("A secret is not as it was stored.");
  }
}

export const keyIdOf = (sealed: Buffer): string => sealed.subarray(1, KEY_END).toString("hex");
