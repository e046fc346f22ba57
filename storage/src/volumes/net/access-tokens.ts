import { json } from "node:stream/consumers";
import { VolumeError } from "../volume-errors.ts";
import type { HttpAnswer } from "./service-http.ts";
import { faultOfStatus } from "./status-faults.ts";

/** Seconds before its end at which a token is not used any more. */
const MARGIN = 120;

/** `until` is the second at which it is to be renewed. */
export interface HeldToken {
  token: string;
  until: number;
}

/** Access tokens, each used until shortly before its end. All who need a new one at a moment wait for the same. */
export class AccessTokens {
  readonly #ask: () => Promise<HeldToken>;
  #held: Promise<HeldToken> | undefined;

  constructor(ask: () => Promise<HeldToken>) {
    this.#ask = ask;
  }

  async token(): Promise<string> {
    const before = this.#held;
    const held = await before?.catch(() => undefined);
    if (held && held.until > Date.now() / 1000) return held.token;
    if (this.#held === before || this.#held === undefined) this.#held = this.#ask();
    return (await this.#held).token;
  }

  /** For a token that was refused before its end. */
  forget(): void {
    this.#held = undefined;
  }
}

/** The token of an OAuth answer that came to a request of second `now`. Throws `InvalidCredentials`. */
export async function tokenOf(answer: HttpAnswer, now: number): Promise<HeldToken> {
  const said = (await json(answer.body).catch(() => undefined)) as Record<string, unknown> | undefined;
  if (answer.status !== 200) {
    const code = typeof said?.error === "string" ? said.error.replaceAll("_", "") : undefined;
    const refused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
    throw new VolumeError(refused ? "InvalidCredentials" : faultOfStatus(answer.status), {
      action: "signIn",
      status: answer.status,
      code,
    });
  }
  const { access_token: token, expires_in: seconds } = said ?? {};
  if (typeof token !== "string" || !/^[\x21-\x7e]{1,8192}$/.test(token)) {
    throw new VolumeError("BadAnswer", { action: "signIn", detail: "it has no access token" });
  }
  return { token, until: now + (typeof seconds === "number" ? seconds : 0) - MARGIN };
}
