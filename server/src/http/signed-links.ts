import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { allowsLink, signLink } from "@causeway/storage";

/** Makes addresses that carry their own permission: whoever has one may use it, for one method, until it expires. */
export interface SignedLinks {
  /** `path` with its expiry and signature as a query. */
  sign(method: "GET" | "PUT", path: string, expires: Date): string;
  /** Whether `query` is a signature of ours for this method and path, and has not expired. */
  accepts(method: string, path: string, query: unknown): boolean;
}

/** Changing the secret ends all links that are out. */
export function createSignedLinks(secret: Buffer): SignedLinks {
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
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  await writeFile(draft, randomBytes(32).toString("hex"), { mode: 0o600, flush: true });
  try {
    // A name is given once: of processes that start together, all read the secret of the first.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft);
  }
  const secret = (await readFile(path, "utf8")).trim();
  if (!/^[0-9a-f]{64}$/.test(secret))
    throw new Error(`${path} should hold 64 hexadecimal digits; remove it to have a new one made.`);
  return Buffer.from(secret, "hex");
}
