import type { Database } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { KnownActors } from "./known-actors.ts";
import {
  allUsers,
  findUser,
  findUserByEmail,
  findUserByToken,
  hasNoUsers,
  insertUser,
  replaceToken,
  type UserRow,
  updateUser,
} from "./queries.ts";
import type { Profile } from "./tables.ts";
import { hashToken, makeToken } from "./tokens.ts";

/** A username: what the vendor's have, and what fits a path unescaped. */
const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export interface NewUser extends Partial<Profile> {
  username: string;
  /** Default: `<username>@localhost`. */
  email?: string;
  isAdmin?: boolean;
}

/** Whoever must know of a new user, in the transaction that makes it (its first billing group, …). */
export type OnUserCreated = (tx: import("../db/database.ts").Tx, user: UserRow) => Promise<void>;

export type { UserRow };
export type UserService = ReturnType<typeof createUserService>;

export function createUserService(db: Database, onCreated: OnUserCreated, known: KnownActors) {
  return {
    /**
     * Makes a user with one token and returns both; the token is shown this once. For operators: no actor is asked.
     *
     * @throws ApiError `userExists`; `badRequest` for a username that would not fit a path.
     */
    async create({
      username,
      email = `${username}@localhost`,
      isAdmin = false,
      ...profile
    }: NewUser): Promise<{ user: UserRow; token: string }> {
      if (!USERNAME.test(username)) {
        throw new ApiError("badRequest", "A username has letters, digits, `.`, `_` and `-`, and starts with a letter or digit.");
      }
      const token = makeToken();
      const user = await db.transaction().execute(async (tx) => {
        if ((await findUser(tx, username)) ?? (await findUserByEmail(tx, email))) throw new ApiError("userExists");
        const created = await insertUser(tx, { username, email, isAdmin, ...profile });
        await replaceToken(tx, created.id, hashToken(token));
        await onCreated(tx, created);
        return created;
      });
      return { user, token };
    },

    /** Whether there is anybody yet. */
    isEmpty: (): Promise<boolean> => hasNoUsers(db),

    /** Every user, by name. For operators: no actor is asked. */
    list: (): Promise<UserRow[]> => allUsers(db),

    /**
     * Makes a user an administrator or not, disables or enables them. A disabled user's token is refused and their things
     * stay. For operators: no actor is asked.
     *
     * @throws ApiError `userNotFound`
     */
    async change(username: string, { isAdmin, isDisabled }: { isAdmin?: boolean; isDisabled?: boolean }): Promise<UserRow> {
      const changed = await updateUser(db, username, {
        ...(isAdmin === undefined ? {} : { is_admin: isAdmin }),
        ...(isDisabled === undefined ? {} : { disabled_at: isDisabled ? new Date() : null }),
      });
      if (!changed) throw new ApiError("userNotFound");
      known.clear();
      return changed;
    },

    /** A new token for the user, which ends the old one at once. @throws ApiError `userNotFound` */
    async renewToken(username: string): Promise<string> {
      const token = makeToken();
      await db.transaction().execute(async (tx) => {
        const user = await findUser(tx, username);
        if (!user) throw new ApiError("userNotFound");
        await replaceToken(tx, user.id, hashToken(token));
      });
      known.clear();
      return token;
    },

    /** Who has this token, if anybody. */
    async authenticate(token: string): Promise<Actor | undefined> {
      const hash = hashToken(token);
      return known.of(hash, async () => {
        const user = await findUserByToken(db, hash);
        return user && { id: user.id, username: user.username, isAdmin: user.is_admin };
      });
    },

    /** The actor's own user. */
    async me(actor: Actor): Promise<UserRow> {
      return this.get(actor, actor.username);
    },

    /**
     * A user by name: oneself, or anybody for a platform administrator.
     *
     * @throws ApiError `userNotFound`, `userForbidden`
     */
    async get(actor: Actor, username: string): Promise<UserRow> {
      const user = await findUser(db, username);
      if (!user) throw new ApiError("userNotFound");
      if (user.id !== actor.id && !actor.isAdmin) throw new ApiError("userForbidden");
      return user;
    },

    /** The user that a name or an e-mail address names, when there is one who can act. */
    async find(named: { username: string } | { email: string }): Promise<UserRow | undefined> {
      const user = "username" in named ? await findUser(db, named.username) : await findUserByEmail(db, named.email);
      return user && user.disabled_at === null ? user : undefined;
    },
  };
}
