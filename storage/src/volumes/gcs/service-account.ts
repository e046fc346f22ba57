import { createPrivateKey, createSign, type KeyObject } from "node:crypto";
import { json } from "node:stream/consumers";
import type { HttpAnswer, ServiceHttp } from "../net/service-http.ts";
import { faultOfStatus } from "../net/status-faults.ts";
import { VolumeError } from "../volume-errors.ts";
import type { GcsServiceAccount } from "./gcs-settings.ts";

const GOOGLE_TOKENS = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
/** Seconds before its end at which a token is not used any more. */
const MARGIN = 120;

/** Where this account's tokens come from. Throws `BadSettings`. */
export function tokenUrlOf({ tokenUrl }: GcsServiceAccount): URL {
  const url = URL.parse(tokenUrl ?? GOOGLE_TOKENS);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username + url.password !== "") {
    throw new VolumeError("BadSettings", { detail: "the address of access tokens" });
  }
  return url;
}

/** A service account: it signs with its key, which never leaves this process, and gets access tokens for signatures. */
export class ServiceAccount {
  readonly email: string;
  readonly #key: KeyObject;
  readonly #http: ServiceHttp;
  readonly #url: URL;
  #token: Promise<{ token: string; until: number }> | undefined;

  /** Throws `InvalidPrivateKey`. */
  constructor(account: GcsServiceAccount, http: ServiceHttp) {
    this.email = account.clientEmail;
    this.#key = keyOf(account.privateKey);
    this.#http = http;
    this.#url = tokenUrlOf(account);
  }

  /** RSA with SHA-256. */
  sign(text: string): Buffer {
    return createSign("RSA-SHA256").update(text).sign(this.#key);
  }

  /** An access token that is good for a while yet. Throws `InvalidCredentials`. */
  async token(): Promise<string> {
    const held = await this.#token?.catch(() => undefined);
    if (held && held.until > Date.now() / 1000) return held.token;
    const asked = this.#ask();
    // All who need one at this moment wait for the same.
    this.#token = asked;
    return (await asked).token;
  }

  /** For a token that was refused before its end. */
  forget(): void {
    this.#token = undefined;
  }

  async #ask(): Promise<{ token: string; until: number }> {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.email, scope: SCOPE, aud: this.#url.href, iat: now, exp: now + 3600 };
    const signed = [{ alg: "RS256", typ: "JWT" }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const assertion = `${signed}.${this.sign(signed).toString("base64url")}`;
    const answer = await this.#http.send({
      method: "POST",
      url: this.#url,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }).toString(),
    });
    return tokenOf(answer, now);
  }
}

/** The token of an OAuth answer and the second at which it is to be renewed. Throws `InvalidCredentials`. */
export async function tokenOf(answer: HttpAnswer, now: number): Promise<{ token: string; until: number }> {
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

/** Also for keys that were copied out of a JSON file with its `\n`. */
function keyOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem.includes("\n") ? pem : pem.replaceAll("\\n", "\n"));
    if (key.asymmetricKeyType === "rsa") return key;
  } catch {
    // What OpenSSL says may repeat the key.
  }
  throw new VolumeError("InvalidPrivateKey");
}
