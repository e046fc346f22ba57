import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { ApiError } from "../http/errors.ts";

/** Counts attempts to sign in that fail. */
export interface SignInAttempts {
  /**
   * Answers whether the password was right, as `check` does, and counts it as an attempt from its beginning on: many at the
   * same moment are no more than many one after the other. A right password is taken back, and forgets the account's failures.
   *
   * @throws ApiError `rateLimitExceeded` while there were too many for this account, or from this address
   */
  guarded(visitor: { account: string; address: string }, check: () => Promise<boolean>): Promise<boolean>;
  /** Whoever opened a link may try again. */
  forget(account: string): Promise<void>;
}

/** An address may be that of a whole institute. */
const ACCOUNTS_OF_AN_ADDRESS = 10;

/** @param most failed attempts for one account in a quarter of an hour; from one address ten times as many */
export function countSignInAttempts(most: number): SignInAttempts {
  const windowSeconds = 15 * 60;
  const accounts = new RateLimiterMemory({ points: most, duration: windowSeconds });
  const addresses = new RateLimiterMemory({ points: most * ACCOUNTS_OF_AN_ADDRESS, duration: windowSeconds });
  return {
    async guarded({ account, address }, check) {
      const [ofAccount, ofAddress] = await Promise.all([accounts.penalty(account), addresses.penalty(address)]);
      let isRight: boolean;
      try {
        refuseMany(ofAccount, most);
        refuseMany(ofAddress, most * ACCOUNTS_OF_AN_ADDRESS);
        isRight = await check();
      } catch (error) {
        await Promise.all([accounts.reward(account), addresses.reward(address)]);
        throw error;
      }
      if (isRight) await Promise.all([accounts.delete(account), addresses.reward(address)]);
      return isRight;
    },
    async forget(account) {
      await accounts.delete(account);
    },
  };
}

function refuseMany({ consumedPoints, msBeforeNext }: RateLimiterRes, most: number): void {
  if (consumedPoints <= most) return;
  const minutes = Math.ceil(msBeforeNext / 60_000);
  throw new ApiError(
    "rateLimitExceeded",
    `Too many attempts to sign in failed (CAUSEWAY_SIGN_IN_ATTEMPTS): try again in ${minutes} minutes.`,
  );
}
