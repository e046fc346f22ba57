import { timestamp, WEB_OPERATIONS } from "@causeway/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "../http/actor.ts";
import type { Links } from "../http/links.ts";
import {
  clearSessionCookie,
  csrfTokenOf,
  requireCsrfToken,
  requireOwnPage,
  sessionSecretOf,
  setSessionCookie,
} from "../http/session-cookie.ts";
import type { StrictCalls } from "../http/strict-calls.ts";
import type { UserService } from "../users/service.ts";
import type { SessionService } from "./service.ts";

export interface SessionRouteDeps {
  sessions: SessionService;
  users: UserService;
  links: Links;
  isClosed: () => boolean;
  /** How long a browser keeps the cookie: seconds. */
  cookieSeconds: number;
}

/** Signing in and out, and what belongs to the user who did. */
export function sessionRoutes(calls: StrictCalls, { sessions, users, links, isClosed, cookieSeconds }: SessionRouteDeps): void {
  const { getSession, signIn, signOut, openLink, listSessions, endSession, changePassword, renewOwnToken } = WEB_OPERATIONS;

  const present = async (actor: Actor | undefined, secret: string | undefined) => {
    if (!actor || secret === undefined) return { user: null, csrf_token: null, closed: isClosed() };
    const { username, email, first_name, last_name, is_admin } = await users.me(actor);
    const user = { username, email, first_name, last_name, is_admin, has_password: await sessions.hasPassword(actor) };
    return { user, csrf_token: csrfTokenOf(secret), closed: isClosed() };
  };
  const begun = async (secret: string, reply: FastifyReply) => {
    setSessionCookie(reply, links, secret, cookieSeconds);
    return present(await sessions.authenticate(secret), secret);
  };

  calls.serve(getSession, async ({ request, reply }) => {
    reply.header("cache-control", "no-store");
    const secret = sessionSecretOf(request, links);
    const actor = secret === undefined ? undefined : await sessions.authenticate(secret);
    // It lasts as long as it is used, and so does its cookie.
    if (actor) setSessionCookie(reply, links, secret!, cookieSeconds);
    return present(actor, secret);
  });
  calls.serve(signIn, async ({ body: { username, password }, request, reply }) => {
    requireOwnPage(request, links);
    return begun(await sessions.signIn(username, password, visitorOf(request)), reply);
  });
  calls.serve(openLink, async ({ body: { link, password }, request, reply }) => {
    requireOwnPage(request, links);
    const opened = await sessions.openLink(link, password, visitorOf(request));
    if ("passwordFor" in opened) return { session: null, password_for: opened.passwordFor };
    return { session: await begun(opened.secret, reply), password_for: null };
  });
  calls.serve(signOut, async ({ request, reply }) => {
    const secret = sessionSecretOf(request, links);
    if (secret === undefined) return;
    requireCsrfToken(request, secret);
    await sessions.signOut(secret);
    clearSessionCookie(reply, links);
  });

  calls.serve(listSessions, async ({ actor, request }) => {
    const rows = await sessions.list(actor, sessionSecretOf(request, links));
    const shown = rows.map(({ id, created_at, used_at, browser, address, isThis }) => ({
      id,
      created_on: timestamp(created_at),
      used_on: timestamp(used_at),
      browser,
      address,
      is_this: isThis,
    }));
    return { sessions: shown };
  });
  calls.serve(endSession, async ({ actor, params }) => sessions.end(actor, params.session));
  calls.serve(changePassword, async ({ actor, body, request }) =>
    sessions.changePassword(actor, body, { secret: sessionSecretOf(request, links), address: request.ip }),
  );
  calls.serve(renewOwnToken, async ({ actor }) => ({ token: await users.renewToken(actor.username) }));
}

const visitorOf = ({ headers, ip }: FastifyRequest) => ({ browser: headers["user-agent"] ?? "", address: ip });
