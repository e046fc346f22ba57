import { RateLimiterMemory } from "rate-limiter-flexible";
import { ApiError } from "../http/errors.ts";

/** Counts attempts to sign in that failed. */
export interface FailedAttempts {
  /** @throws ApiError `rateLimitExceeded` while there were too many for this account, or from this address */
  refuseMany(account: string, address: string): Promise<void>;
  note(account: string, address: string): Promise<void>;
  /** The right password was given. */
  forget(account: string): Promise<void>;
}

/** An address may be that of a whole institute. */
const ACCOUNTS_OF_AN_ADDRESS = 10;

/** @param most failed attempts for one account in a quarter of an hour; from one address ten times as many */
export function countFailedAttempts(most: number): FailedAttempts {
  const windowSeconds = 15 * 60;
  const accounts = new RateLimiterMemory({ points: most, duration: windowSeconds });
  const addresses = new RateLimiterMemory({ points: most * ACCOUNTS_OF_AN_ADDRESS, duration: windowSeconds });
  return {
    async refuseMany(account, address) {
      const [ofAccount, ofAddress] = await Promise.all([accounts.get(account), addresses.get(address)]);
      for (const counted of [ofAccount, ofAddress]) {
        if (counted === null || counted.remainingPoints > 0) continue;
        const minutes = Math.ceil(counted.msBeforeNext / 60_000);
        throw new ApiError(
          "rateLimitExceeded",
          `Too many attempts to sign in failed (CAUSEWAY_SIGN_IN_ATTEMPTS): try again in ${minutes} minutes.`,
        );
      }
    },
    async note(account, address) {
      await Promise.all([accounts.penalty(account), addresses.penalty(address)]);
    },
    async forget(account) {
      await accounts.delete(account);
    },
  };
}
