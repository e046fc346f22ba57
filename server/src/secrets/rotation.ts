import { sql } from "kysely";
import type { Database, Tx } from "../db/database.ts";
import type { Keyring } from "./keyring.ts";
import { keyIdOf, lockRotations, openWith, SecretUnreadable, sealWith } from "./secret-box.ts";

/** Somebody's column of sealed secrets. */
interface SealedColumn {
  /** All of it, locked until the transaction ends. */
  all(tx: Tx): Promise<{ id: string; sealed: Buffer; about: string }[]>;
  replace(tx: Tx, id: string, sealed: Buffer): Promise<void>;
}

/** A column of a table whose rows have an `id`; `about` is what its secrets are sealed for. */
export const sealedColumn = (table: string, column: string, about: (id: string) => string): SealedColumn => ({
  async all(tx) {
    const { rows } = await sql<{ id: string; sealed: Buffer }>`
      select id, ${sql.ref(column)} as sealed from ${sql.table(table)} where ${sql.ref(column)} is not null
      order by id for update`.execute(tx);
    return rows.map((row) => ({ ...row, about: about(row.id) }));
  },
  async replace(tx, id, sealed) {
    await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed} where id = ${id}`.execute(tx);
  },
});

export interface Rotation {
  /** Secrets that are encrypted with the first key now and were not before. */
  resealed: number;
  /** Keys that nothing is encrypted with any more: forgotten, or, where an operator gives the keys, to be taken away. */
  retired: number;
  keys: "file" | "environment";
}

export type SecretRotation = ReturnType<typeof createSecretRotation>;

/** Gives all secrets another key. Killed at any moment, everything can be read, and the next rotation goes on. */
export function createSecretRotation(db: Database, keyring: Keyring, columns: readonly SealedColumn[]) {
  return {
    /** @throws SecretUnreadable when a secret's key is lost; nothing is changed then */
    async rotate(): Promise<Rotation> {
      const resealed = await db.transaction().execute(async (tx) => {
        await lockRotations(tx);
        await keyring.add?.();
        const keys = await keyring.keys();
        const first = keys[0]!;
        let count = 0;
        for (const column of columns) {
          for (const { id, sealed, about } of await column.all(tx)) {
            const key = keys.find((each) => each.id === keyIdOf(sealed));
            if (key === first) continue;
            const text = openWith(required(key), sealed, about);
            await column.replace(tx, id, sealWith(first, text, about));
            count += 1;
          }
        }
        return count;
      });
      return { resealed, retired: await retire(), keys: keyring.add ? "file" : "environment" };
    },
  };

  /** Forgets the keys that nothing is encrypted with, in a transaction of its own: the other may have failed to commit. */
  async function retire(): Promise<number> {
    return db.transaction().execute(async (tx) => {
      await lockRotations(tx);
      const used = new Set<string>();
      for (const column of columns) for (const { sealed } of await column.all(tx)) used.add(keyIdOf(sealed));
      const unused = (await keyring.keys()).slice(1).filter(({ id }) => !used.has(id));
      await keyring.keepOnly?.(used);
      return unused.length;
    });
  }
}

function required<T>(key: T | undefined): T {
  if (key === undefined) throw new SecretUnreadable("A secret was encrypted with a key that is not there any more.");
  return key;
}
