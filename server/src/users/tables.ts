import type { ColumnType } from "kysely";
import type { Defaulted, Timestamp } from "../db/database.ts";
import type { DivisionRole } from "../http/actor.ts";

/** The profile texts of a user: `""` when not given. */
export interface Profile {
  first_name: string;
  last_name: string;
  affiliation: string;
  phone: string;
  address: string;
  city: string;
  state: string;
  country: string;
  zip_code: string;
}

type Profiled = { [Key in keyof Profile]: Defaulted<Profile[Key]> };

export interface UsersTable extends Profiled {
  id: Defaulted<string>;
  username: string;
  email: string;
  /** `expires_at` in Unix milliseconds. */
  tags: ColumnType<{ tag: string; expires_at: number }[], string | undefined, string>;
  is_admin: Defaulted<boolean>;
  disabled_at: Timestamp | null;
  division_id: string | null;
  /** Set where `division_id` is. */
  division_role: DivisionRole | null;
  /** When the user left the division. */
  removed_at: Timestamp | null;
  created_at: Timestamp;
}

export interface TokensTable {
  /** SHA-256 of the token. */
  hash: Buffer;
  user_id: string;
  created_at: Timestamp;
}

declare module "../db/database.ts" {
  interface Tables {
    users: UsersTable;
    tokens: TokensTable;
  }
}
