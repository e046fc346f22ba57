import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";

/** One user's window: what is left of `limit` until `resetAt` (Unix seconds). */
export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: number;
}

/** Counts a user's requests in fixed windows that start with the first request. All tokens of a user share one. */
export interface RateLimit {
  /** Counts one request. `allowed` is false when the window was used up before it; then nothing is counted. */
  take(userId: string): Promise<Allowance & { readonly allowed: boolean }>;
  /** The allowance as it is, without counting. */
  look(userId: string): Promise<Allowance>;
}

/** Keeps the windows in this process's memory: right for one process, lost when it restarts. */
export function memoryRateLimit(limit: number, windowSeconds: number): RateLimit {
  const limiter = new RateLimiterMemory({ points: limit, duration: windowSeconds });
  const allowance = (window: RateLimiterRes | null): Allowance => ({
    limit,
    remaining: Math.max(0, window === null ? limit : window.remainingPoints),
    resetAt: Math.ceil((Date.now() + (window === null ? windowSeconds * 1000 : Math.max(0, window.msBeforeNext))) / 1000),
  });
  return {
    async take(userId) {
      try {
        return { ...allowance(await limiter.consume(userId)), allowed: true };
      } catch (refusal) {
        if (refusal instanceof Error) throw refusal;
        return { ...allowance(refusal as RateLimiterRes), allowed: false };
      }
    },
    look: async (userId) => allowance(await limiter.get(userId)),
  };
}
