import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import pLimit from "p-limit";
import { ApiError } from "../http/errors.ts";

/** The cost that OWASP names for scrypt with 32 MiB of memory; a stored hash carries the cost that it was made with. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 64;

/** Each takes 32 MiB and a core for a third of a second. */
const AT_ONCE = 2;
const WAITING_AT_MOST = 50;

/** Makes and checks hashes of passwords, two at a time: whoever asks for many makes nobody wait but those who sign in. */
export function createPasswordHashing() {
  const inTurn = pLimit(AT_ONCE);

  /** @throws ApiError `rateLimitExceeded` when too many wait already */
  function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
    if (inTurn.pendingCount >= WAITING_AT_MOST) throw new ApiError("rateLimitExceeded", "Too many sign in at this moment.");
    const options = { ...cost, maxmem: 256 * 2 ** 20 };
    return inTurn(
      () =>
        new Promise((resolve, reject) =>
          // The same text may be typed as different code points.
          scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key))),
        ),
    );
  }

  return {
    async hash(password: string): Promise<string> {
      const salt = randomBytes(16);
      const key = await derive(password, salt, COST);
      return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64"), key.toString("base64")].join("$");
    },

    /** Whether it is the password of the hash. Without a hash it takes as long, and says no. */
    async matches(password: string, hash: string | undefined): Promise<boolean> {
      const [, N, r, p, salt, key] = (hash ?? NOBODY).split("$");
      const wanted = Buffer.from(key!, "base64");
      const given = await derive(password, Buffer.from(salt!, "base64"), { N: Number(N), r: Number(r), p: Number(p) });
      return timingSafeEqual(given, wanted) && hash !== undefined;
    },
  };
}

export type PasswordHashing = ReturnType<typeof createPasswordHashing>;

const NOBODY = ["scrypt", COST.N, COST.r, COST.p, "AAAAAAAAAAAAAAAAAAAAAA==", Buffer.alloc(KEY_BYTES).toString("base64")].join(
  "$",
);

/** @throws ApiError `badRequest` for a password that is too short, or the user's own name */
export function refuseWeak(password: string, username: string, charactersAtLeast: number): void {
  if ([...password].length < charactersAtLeast)
    throw new ApiError("badRequest", `A password has at least ${charactersAtLeast} characters (CAUSEWAY_PASSWORD_CHARACTERS).`);
  if (username.toLowerCase().includes(password.toLowerCase()))
    throw new ApiError("badRequest", "The password must not be the username.");
}
