import { createHash, randomBytes } from "node:crypto";
import type { Database, Sql } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { UserService } from "../users/service.ts";
import type { SignInAttempts } from "./attempts.ts";
import { type PasswordHashing, refuseWeak } from "./passwords.ts";
import {
  deleteExpired,
  deleteOwnSession,
  deleteSession,
  deleteSessions,
  findLink,
  findPassword,
  findSession,
  insertSession,
  listSessions,
  replaceLink,
  replacePassword,
  type SessionRow,
  useLink,
} from "./queries.ts";

export interface SessionSettings {
  /** A session ends when it was not used for so long. */
  idleMs: number;
  /** A link ends when it was not opened for so long. */
  linkMs: number;
  passwordCharacters: number;
}

export interface SessionDeps {
  db: Database;
  users: UserService;
  passwords: PasswordHashing;
  attempts: SignInAttempts;
}

/** From where somebody signs in, for the list of their sessions. */
export interface Visitor {
  browser: string;
  address: string;
}

const makeSecret = (): string => randomBytes(32).toString("base64url");
/** Secrets have 256 bits: one round cannot be turned back. That of a session is no token, nor the other way round. */
const hashOf = (secret: string): Buffer => createHash("sha256").update(`session ${secret}`).digest();

const WRONG = "The username or the password is wrong.";

export type SessionService = ReturnType<typeof createSessionService>;

/** Who signs in with a browser, and how long that lasts. A session is known by its secret, the cookie's value. */
export function createSessionService({ db, users, passwords, attempts }: SessionDeps, settings: SessionSettings) {
  const usedSince = () => new Date(Date.now() - settings.idleMs);

  /** Answers the new session's secret. */
  async function begin(tx: Sql, userId: string, { browser, address }: Visitor): Promise<string> {
    const secret = makeSecret();
    const session = { hash: hashOf(secret), user_id: userId, browser: browser.slice(0, 300), address: address.slice(0, 100) };
    await insertSession(tx, session);
    return secret;
  }

  return {
    /**
     * Begins a session and answers its secret.
     *
     * @throws ApiError `unauthorized` for whatever does not fit; `rateLimitExceeded` after too many failures
     */
    async signIn(username: string, password: string, visitor: Visitor): Promise<string> {
      const user = await users.find({ username });
      const isRight = await attempts.guarded({ account: username, address: visitor.address }, async () =>
        passwords.matches(password, user && (await findPassword(db, user.id))),
      );
      if (!user || !isRight) throw new ApiError("unauthorized", WRONG);
      return begin(db, user.id, visitor);
    },

    /**
     * A link's secret for the user, which works once; it ends the one there was. For operators: no actor is asked.
     *
     * @throws ApiError `userNotFound`, also for a user who is disabled
     */
    async makeLink(username: string, purpose: "password" | "sign-in"): Promise<{ secret: string; expiresAt: Date }> {
      const user = await users.find({ username });
      if (!user) throw new ApiError("userNotFound");
      const secret = makeSecret();
      const expiresAt = new Date(Date.now() + settings.linkMs);
      await db.transaction().execute((tx) => replaceLink(tx, { hash: hashOf(secret), userId: user.id, purpose, expiresAt }));
      return { secret, expiresAt };
    },

    /**
     * Opens a link: begins a session, after setting the password where the link is for that, which ends all sessions
     * there were. Without a password such a link stays good, and tells whose it is.
     *
     * @throws ApiError `notFound` for a link that was opened or has ended; `badRequest` for a weak password
     */
    async openLink(
      secret: string,
      password: string | undefined,
      visitor: Visitor,
    ): Promise<{ secret: string } | { passwordFor: string }> {
      const gone = new ApiError("notFound", "The link was opened before, or has ended: ask for a new one.");
      const link = await findLink(db, hashOf(secret));
      if (!link) throw gone;
      const { user_id: userId, username } = link;
      if (link.purpose === "password" && password === undefined) return { passwordFor: username };
      let hash: string | undefined;
      if (link.purpose === "password") {
        refuseWeak(password!, username, settings.passwordCharacters);
        hash = await passwords.hash(password!);
      }
      const begun = await db.transaction().execute(async (tx) => {
        if (!(await useLink(tx, hashOf(secret)))) throw gone;
        if (hash !== undefined) {
          await replacePassword(tx, userId, hash);
          await deleteSessions(tx, userId);
        }
        return begin(tx, userId, visitor);
      });
      users.forgetActors();
      await attempts.forget(username);
      return { secret: begun };
    },

    /** Whose session it is, if anybody's. */
    async authenticate(secret: string): Promise<Actor | undefined> {
      return users.actorBy(hashOf(secret), () => findSession(db, hashOf(secret), usedSince()));
    },

    hasPassword: async (actor: Actor): Promise<boolean> => (await findPassword(db, actor.id)) !== undefined,

    /** The actor's sessions, the used ones first. `secret`: that of the one that asks, if it is one. */
    async list(actor: Actor, secret: string | undefined): Promise<(SessionRow & { isThis: boolean })[]> {
      const own = secret === undefined ? undefined : hashOf(secret);
      const rows = await listSessions(db, actor.id, usedSince());
      return rows.map((row) => ({ ...row, isThis: own?.equals(row.hash) ?? false }));
    },

    /** Ends one of the actor's sessions. @throws ApiError `notFound` */
    async end(actor: Actor, id: string): Promise<void> {
      if (!(await deleteOwnSession(db, { id, userId: actor.id }))) throw new ApiError("notFound", "There is no such session.");
      users.forgetActors();
    },

    async signOut(secret: string): Promise<void> {
      await deleteSession(db, hashOf(secret));
      users.forgetActors();
    },

    /**
     * Sets the actor's password and ends their other sessions.
     *
     * @throws ApiError `forbidden` for a wrong current one; `badRequest` for a weak new one; `rateLimitExceeded`
     */
    async changePassword(
      actor: Actor,
      { current, password }: { current?: string; password: string },
      { secret, address }: { secret: string | undefined; address: string },
    ): Promise<void> {
      const known = await findPassword(db, actor.id);
      if (known !== undefined) {
        const isRight = await attempts.guarded({ account: actor.username, address }, () =>
          passwords.matches(current ?? "", known),
        );
        if (!isRight) throw new ApiError("forbidden", "The current password is wrong.");
      }
      refuseWeak(password, actor.username, settings.passwordCharacters);
      const hash = await passwords.hash(password);
      await db.transaction().execute(async (tx) => {
        await replacePassword(tx, actor.id, hash);
        await deleteSessions(tx, actor.id, secret === undefined ? undefined : hashOf(secret));
      });
      users.forgetActors();
    },

    /** Forgets sessions and links that have ended by themselves. */
    removeExpired: () => deleteExpired(db, usedSince()),
  };
}
