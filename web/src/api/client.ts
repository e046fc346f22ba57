import { ApiFailure, createClient, createWebClient, type Session } from "@causeway/contract/client";

/** What must go with every call that changes something in a browser's session. */
let csrfToken: string | null = null;
let onSignedOut: () => void = () => {};

/** Remembers what the session told; `null` when nobody is signed in. */
export function rememberSession({ csrf_token }: Pick<Session, "csrf_token">): void {
  csrfToken = csrf_token;
}

/** Told when an answer says that the session has ended. */
export function whenSignedOut(told: () => void): void {
  onSignedOut = told;
}

const options = {
  baseUrl: `${location.origin}/v2`,
  headers: (): Record<string, string> => (csrfToken === null ? {} : { "x-csrf-token": csrfToken }),
  fetch: async (address: string, request: RequestInit): Promise<Response> => {
    const answer = await fetch(address, request);
    // A wrong password signs nobody out.
    if (answer.status === 401 && new URL(address).pathname !== "/web/session") onSignedOut();
    return answer;
  },
};

/** The public API. */
export const api = createClient(options);
/** What the UI calls beside it. */
export const web = createWebClient(options);

/** Why a call failed, for people. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiFailure) return error.detail ?? error.message;
  return error instanceof Error ? error.message : String(error);
}

/** Whether there is no such thing, for this user; what is no id at all names nothing either. */
export const isMissing = (error: unknown): boolean => error instanceof ApiFailure && [400, 403, 404].includes(error.status);
