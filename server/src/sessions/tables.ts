import type { Defaulted, Timestamp } from "../db/database.ts";

export interface PasswordsTable {
  user_id: string;
  hash: string;
  changed_at: Timestamp;
}

export interface SignInLinksTable {
  /** SHA-256 of the secret. */
  hash: Buffer;
  user_id: string;
  purpose: "password" | "sign-in";
  created_at: Timestamp;
  expires_at: Timestamp;
}

export interface SessionsTable {
  id: Defaulted<string>;
  /** SHA-256 of the cookie's value. */
  hash: Buffer;
  user_id: string;
  created_at: Timestamp;
  used_at: Timestamp;
  browser: string;
  address: string;
}

declare module "../db/database.ts" {
  interface Tables {
    passwords: PasswordsTable;
    sign_in_links: SignInLinksTable;
    sessions: SessionsTable;
  }
}
