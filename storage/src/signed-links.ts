import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/**
 * Links that carry their own permission, for stores that cannot sign: whoever has the URL may do one thing (`method`)
 * to one thing (`target`) until `expires`, with no header and no login (uploads.md §4 and §7).
 *
 * What is signed is only what is named here: put everything that changes the meaning of the link into `target`.
 */
export interface LinkGrant {
  /** `GET` also allows `HEAD`. */
  method: "GET" | "PUT";
  /** What the link is for, such as `/storage/files/<id>?name=…`; compared byte for byte. */
  target: string;
  /** Seconds since 1970; from that second on the link is refused. */
  expires: number;
}

/** A link's last words: `exp=<expires>&sig=<HMAC>`. */
export interface LinkSignature {
  exp: string;
  sig: string;
}

/**
 * Signs with `secret`: a secret key (`createSecretKey`) of at least 32 random bytes, the same for all processes of a
 * platform. Given as bytes, it would be made into a key for every link, which takes five times as long as the signature.
 */
export function signLink(secret: KeyObject, grant: LinkGrant): LinkSignature {
  return { exp: String(grant.expires), sig: hmac(secret, grant).toString("base64url") };
}

/**
 * Whether a request for `target` may go on. `now` is in seconds since 1970. It takes the same time for a nearly right
 * signature as for a wrong one.
 */
export function allowsLink(
  secret: KeyObject,
  request: { method: string; target: string; exp?: unknown; sig?: unknown },
  now: number = Date.now() / 1000,
): boolean {
  const { target, exp, sig } = request;
  const method = request.method === "HEAD" ? "GET" : request.method;
  if (method !== "GET" && method !== "PUT") return false;
  // One spelling of every number and signature: `1e9`, ` 1` and unused bits of base64 are nothing we have signed.
  if (typeof exp !== "string" || !/^[1-9]\d{0,11}$/.test(exp) || typeof sig !== "string") return false;
  const expected = Buffer.from(signLink(secret, { method, target, expires: Number(exp) }).sig);
  const given = Buffer.from(sig);
  return given.length === expected.length && timingSafeEqual(given, expected) && now < Number(exp);
}

/** The fields are kept apart by a line feed, which none but the last can hold. */
function hmac(secret: KeyObject, { method, target, expires }: LinkGrant): Buffer {
  if ((secret.symmetricKeySize ?? 0) < 32) throw new RangeError("a link secret has at least 32 bytes");
  return createHmac("sha256", secret).update(`causeway-link-1\n${method}\n${expires}\n${target}`).digest();
}
