import { OPERATOR_OPERATIONS, timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import type { StrictCalls } from "../http/strict-calls.ts";
import type { SessionService } from "../sessions/service.ts";

/** Invitations: links with which users set their passwords, or sign in once. */
export function operatorLinks(calls: StrictCalls, sessions: SessionService, links: Links): void {
  calls.serve(OPERATOR_OPERATIONS.createLink, async ({ params: { username }, body: { purpose = "password" } }) => {
    const { secret, expiresAt } = await sessions.makeLink(username, purpose);
    // Behind `#` it is in no log of a server and in no referrer; and who only looks at the address does not use it up.
    return { username, purpose, url: links.beside(`/sign-in#${secret}`), expires_on: timestamp(expiresAt) };
  });
}
