import { createHmac, timingSafeEqual } from "node:crypto";
import { ApiError } from "../../http/errors.ts";

/** Where a page begins: the folder, and what the service calls the place. */
export interface PageStart {
  prefix: string;
  token: string;
}

/** Bytes of a signature: enough that nobody finds one. */
const SIGNATURE = 16;
/** Characters of a token: the Python client takes no address of 6,000 characters. */
const LONGEST = 5000;

export type PageTokens = ReturnType<typeof createPageTokens>;

/**
 * Tokens of the pages of a volume's lists (volumes.md §2.6): letters, digits, `-` and `_` alone, because R's client does
 * not escape them; sufficient by themselves; signed, because what is in them goes to the service as it is.
 */
export function createPageTokens(secret: Buffer) {
  const sign = (volumeId: string, text: Buffer) =>
    createHmac("sha256", secret).update(`volume page ${volumeId}\n`).update(text).digest().subarray(0, SIGNATURE);
  return {
    /** Undefined for one that would not fit into an address. */
    tokenOf(volumeId: string, { prefix, token }: PageStart): string | undefined {
      const text = Buffer.from(JSON.stringify([prefix, token]));
      const whole = Buffer.concat([sign(volumeId, text), text]).toString("base64url");
      return whole.length > LONGEST ? undefined : whole;
    },

    /** @throws ApiError `scrollTokenUndecodable` for what is no token's form, `scrollTokenInvalid` for none of this volume's */
    read(volumeId: string, token: string): PageStart {
      if (!/^[A-Za-z0-9_-]+$/.test(token) || token.length % 4 === 1 || token.length > LONGEST)
        throw new ApiError("scrollTokenUndecodable");
      const whole = Buffer.from(token, "base64url");
      const text = whole.subarray(SIGNATURE);
      const isOurs = whole.length > SIGNATURE && timingSafeEqual(whole.subarray(0, SIGNATURE), sign(volumeId, text));
      if (!isOurs) throw new ApiError("scrollTokenInvalid");
      const [prefix, place] = JSON.parse(text.toString()) as [string, string];
      return { prefix, token: place };
    },
  };
}
