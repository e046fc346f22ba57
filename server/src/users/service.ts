import type { Operations, Page, QueryOf } from "@causeway/contract";
import type { Database, Tx } from "../db/database.ts";
import type { DivisionService } from "../divisions/service.ts";
import type { Actor, DivisionRole } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { ActorCache } from "./actor-cache.ts";
import {
  allUsers,
  findUser,
  findUserByEmail,
  findUserByToken,
  hasNoUsers,
  insertUser,
  listDivisionUsers,
  lockDivisionAdministrators,
  removeFromDivision,
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
  /** The division whose user it shall be, `username` being the part after the slash. */
  division?: string;
  /** In the division. Default: `MEMBER`. */
  role?: DivisionRole;
}

/** What operators change of a user. */
export interface UserChange {
  isAdmin?: boolean;
  isDisabled?: boolean;
  /** In the user's division. */
  role?: DivisionRole;
  /** All entitlements, `expires_at` in Unix milliseconds. */
  tags?: { tag: string; expires_at: number }[];
}

/** Whoever must know of a new user, in the transaction that makes it (its first billing group, …). */
export type OnUserCreated = (tx: Tx, user: UserRow) => Promise<void>;

export type { UserRow };
export type UserService = ReturnType<typeof createUserService>;

export interface UserServiceDeps {
  db: Database;
  onCreated: OnUserCreated;
  known: ActorCache;
  divisions: DivisionService;
}

export function createUserService({ db, onCreated, known, divisions }: UserServiceDeps) {
  return {
    /**
     * Makes a user with one token and returns both; the token is shown this once. For operators: no actor is asked.
     *
     * @throws ApiError `userExists`; `userNotFound` for an unknown division; `badRequest` for a username that would not
     * fit a path, and for a role outside of divisions.
     */
    async create({
      username: name,
      email = `${name}@localhost`,
      isAdmin = false,
      division: divisionId,
      role,
      ...profile
    }: NewUser): Promise<{ user: UserRow; token: string }> {
      if (!USERNAME.test(name)) {
        throw new ApiError("badRequest", "A username has letters, digits, `.`, `_` and `-`, and starts with a letter or digit.");
      }
      if (role !== undefined && divisionId === undefined)
        throw new ApiError("badRequest", "Only a division's users have a role.");
      const username = divisionId === undefined ? name : `${divisionId}/${name}`;
      const division = divisionId === undefined ? null : { id: divisionId, role: role ?? "MEMBER" };
      const token = makeToken();
      const user = await db.transaction().execute(async (tx) => {
        if (division && !(await divisions.find(division.id, tx)))
          throw new ApiError("userNotFound", "There is no such division.");
        const taken =
          (await findUser(tx, username)) ??
          (await findUserByEmail(tx, email, divisionId ?? null)) ??
          (await divisions.find(username, tx));
        if (taken) throw new ApiError("userExists");
        const created = await insertUser(tx, { username, email, isAdmin, division, ...profile });
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
     * Makes a user an administrator or not, disables or enables them, gives a role or entitlements. A disabled user's token is refused and their things
     * stay. For operators: no actor is asked.
     *
     * @throws ApiError `userNotFound`; `badRequest` for a role outside of divisions
     */
    async change(username: string, { isAdmin, isDisabled, role, tags }: UserChange): Promise<UserRow> {
      const user = await findUser(db, username);
      if (role !== undefined && user && user.division_id === null)
        throw new ApiError("badRequest", "Only a division's users have a role.");
      const changed = await updateUser(db, username, {
        ...(isAdmin === undefined ? {} : { is_admin: isAdmin }),
        ...(isDisabled === undefined ? {} : { disabled_at: isDisabled ? new Date() : null }),
        ...(role === undefined ? {} : { division_role: role }),
        ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
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
        return user && actorOf(user);
      });
    },

    /** A session has ended: nobody is remembered any more. Other processes are told by the database. */
    forgetActors: (): void => known.clear(),

    /** The user whom `find` names for what has this hash, remembered as who has a token is. */
    async actorBy(hash: Buffer, find: () => Promise<string | undefined>): Promise<Actor | undefined> {
      return known.of(hash, async () => {
        const username = await find();
        const user = username === undefined ? undefined : await findUser(db, username);
        return user && user.disabled_at === null ? actorOf(user) : undefined;
      });
    },

    /** The actor's own user. */
    async me(actor: Actor): Promise<UserRow> {
      return this.get(actor, actor.username);
    },

    /**
     * A user by name: oneself; those of their division for its administrators; anybody for a platform administrator.
     *
     * @throws ApiError `userNotFound`, `userForbidden`
     */
    async get(actor: Actor, username: string): Promise<UserRow> {
      const user = await findUser(db, username);
      if (!user) throw new ApiError("userNotFound");
      if (user.id !== actor.id && !administers(actor, user)) throw new ApiError("userForbidden");
      return user;
    },

    /**
     * The users of a division in the order they came.
     *
     * @throws ApiError `divisionMissing`; of the division (see `DivisionService.require`)
     */
    async listOfDivision(
      actor: Actor,
      query: () => QueryOf<Operations["listUsers"]>,
      page: () => Page,
    ): Promise<Listed<UserRow>> {
      const { division, role } = query();
      const { id: divisionId } = await divisions.require(actor, division, "people");
      return listDivisionUsers(db, { divisionId, ...(role === undefined ? {} : { role }) }, page());
    },

    /**
     * Ends a user's membership of their division: the tokens and all memberships held as `division/username` end; what
     * they made stays and their tasks go on.
     *
     * @throws ApiError `userNotFound`, `userForbidden`; `conflict` for the division's last administrator
     */
    async remove(actor: Actor, username: string): Promise<void> {
      const user = await findUser(db, username);
      if (!user) throw new ApiError("userNotFound");
      const { division_id: divisionId } = user;
      if (divisionId === null || !administers(actor, user)) throw new ApiError("userForbidden");
      await db.transaction().execute(async (tx) => {
        const administrators = await lockDivisionAdministrators(tx, divisionId);
        if (administrators.length === 1 && administrators[0] === user.id)
          throw new ApiError("conflict", "A division keeps at least one administrator: make somebody else one first.");
        await removeFromDivision(tx, user.id);
      });
      known.clear();
    },

    /**
     * The user that a name or an e-mail address names, when there is one who can act. Of several accounts with one
     * address it is the one in the division named, or else the personal one.
     */
    async find(named: { username: string } | { email: string; division?: string }): Promise<UserRow | undefined> {
      const user =
        "username" in named
          ? await findUser(db, named.username)
          : ((named.division === undefined ? undefined : await findUserByEmail(db, named.email, named.division)) ??
            (await findUserByEmail(db, named.email, null)));
      return user && user.disabled_at === null ? user : undefined;
    },
  };
}

const actorOf = (user: UserRow): Actor => ({
  id: user.id,
  username: user.username,
  isAdmin: user.is_admin,
  division: user.division_id === null ? null : { id: user.division_id, role: user.division_role! },
});

const administers = (actor: Actor, user: UserRow): boolean =>
  actor.isAdmin || (actor.division?.role === "ADMIN" && actor.division.id === user.division_id);
