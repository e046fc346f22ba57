import { createPrivateKey, createSign, type KeyObject } from "node:crypto";
import { AccessTokens, type HeldToken, tokenOf } from "../net/access-tokens.ts";
import type { ServiceHttp } from "../net/service-http.ts";
import { VolumeError } from "../volume-errors.ts";
import type { GcsServiceAccount } from "./gcs-settings.ts";

const GOOGLE_TOKENS = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";

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
  readonly #tokens = new AccessTokens(() => this.#ask());

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
  token(): Promise<string> {
    return this.#tokens.token();
  }

  /** For a token that was refused before its end. */
  forget(): void {
    this.#tokens.forget();
  }

  async #ask(): Promise<HeldToken> {
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

/** Of Google's keys, 2048. Signing takes the process eight times as long for each doubling: with 16384 bits half a second. */
const MOST_BITS = 4096;

/** Also for keys that were copied out of a JSON file with its `\n`. */
function keyOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem.includes("\n") ? pem : pem.replaceAll("\\n", "\n"));
    const { modulusLength: bits = 0 } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType === "rsa" && bits <= MOST_BITS) return key;
  } catch {
    // What OpenSSL says may repeat the key.
  }
  throw new VolumeError("InvalidPrivateKey", { detail: `it is no RSA key of at most ${MOST_BITS} bits` });
}
