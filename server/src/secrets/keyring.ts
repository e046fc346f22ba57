import { createHash, randomBytes } from "node:crypto";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { madeOnce } from "../http/made-once.ts";

/** A key of AES-256, and the short name under which what it encrypts knows it. */
export interface SecretKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/** The keys that secrets are encrypted with: the first encrypts, the others are only for what was encrypted before. */
export interface Keyring {
  /** Looked up anew at every call: another process may have changed them. */
  keys(): Promise<readonly SecretKey[]>;
  /** Puts a new key in front. Absent where an operator gives the keys. */
  add?(): Promise<void>;
  /** Forgets all keys but the first and those named. */
  keepOnly?(ids: ReadonlySet<string>): Promise<void>;
}

/** Keys in a file, one a line, 64 hexadecimal digits each; made on first use, readable by its owner alone. */
export function fileKeyring(path: string): Keyring {
  const keys = async () => parseKeys(await madeOnce(path, `${newKey()}\n`), path);
  const write = async (all: readonly SecretKey[]) => {
    const draft = `${path}.${randomBytes(8).toString("hex")}`;
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(all.map(({ bytes }) => `${bytes.toString("hex")}\n`).join(""));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    const directory = await open(dirname(path), "r");
    await directory.sync().finally(() => directory.close());
  };
  return {
    keys,
    add: async () => write([keyOf(newKey()), ...(await keys())]),
    async keepOnly(ids) {
      const all = await keys();
      const kept = all.filter(({ id }, index) => index === 0 || ids.has(id));
      if (kept.length < all.length) await write(kept);
    },
  };
}

/** Keys that an operator has given in the environment, with blanks or commas between. @throws Error for what is none */
export function givenKeyring(text: string, variable: string): Keyring {
  const keys = parseKeys(text, variable);
  return { keys: async () => keys };
}

const newKey = () => randomBytes(32).toString("hex");

function parseKeys(text: string, source: string): readonly SecretKey[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0 || words.some((word) => !/^[0-9a-f]{64}$/i.test(word)))
    throw new Error(`${source} should hold keys of 64 hexadecimal digits each, as \`openssl rand -hex 32\` makes them.`);
  return words.map(keyOf);
}

function keyOf(hex: string): SecretKey {
  const bytes = Buffer.from(hex, "hex");
  return { id: createHash("sha256").update("causeway key ").update(bytes).digest("hex").slice(0, 16), bytes };
}
