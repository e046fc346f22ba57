import { createSecretKey, randomBytes } from "node:crypto";
import { allowsLink, signLink } from "@causeway/storage";
import { madeOnce } from "./made-once.ts";

/** Makes addresses that carry their own permission: whoever has one may use it, for one method, until it expires. */
export interface SignedLinks {
  /** `path` with its expiry and signature as a query. */
  sign(method: "GET" | "PUT", path: string, expires: Date): string;
  /** Whether `query` is a signature of ours for this method and path, and has not expired. */
  accepts(method: string, path: string, query: unknown): boolean;
}

/** Changing the secret ends all links that are out. */
export function createSignedLinks(bytes: Buffer): SignedLinks {
  const secret = createSecretKey(bytes);
  return {
    sign(method, path, expires) {
      const { exp, sig } = signLink(secret, { method, target: path, expires: Math.ceil(expires.getTime() / 1000) });
      return `${path}?exp=${exp}&sig=${sig}`;
    },
    accepts(method, path, query) {
      const { exp, sig } = query as { exp?: unknown; sig?: unknown };
      return allowsLink(secret, { method, target: path, exp, sig });
    },
  };
}

/**
 * The secret in the file at `path`, made on first use and readable by its owner alone. Processes on several machines
 * need the same one: there it is given as a setting.
 */
export async function keepSecret(path: string): Promise<Buffer> {
  const secret = (await madeOnce(path, randomBytes(32).toString("hex"))).trim();
  if (!/^[0-9a-f]{64}$/.test(secret))
    throw new Error(`${path} should hold 64 hexadecimal digits; remove it to have a new one made.`);
  return Buffer.from(secret, "hex");
}
