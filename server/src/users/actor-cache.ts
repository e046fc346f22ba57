import type { Actor } from "../http/actor.ts";

const KEPT_MS = 60_000;
const MOST = 10_000;

/**
 * Who has which token, remembered for a minute: almost every request would ask the database just that. Whoever changes
 * tokens or users calls `clear`, and the database tells all processes (the notice `actors`).
 */
export interface ActorCache {
  /** The actor of the token with this hash: the one remembered, or else the one that `load` finds. */
  of(hash: Buffer, load: () => Promise<Actor | undefined>): Promise<Actor | undefined>;
  clear(): void;
}

export function createActorCache(): ActorCache {
  const known = new Map<string, { actor: Actor; until: number }>();
  let changes = 0;
  return {
    async of(hash, load) {
      const key = hash.toString("latin1");
      const remembered = known.get(key);
      if (remembered && remembered.until > Date.now()) return remembered.actor;
      const before = changes;
      const actor = await load();
      // What was read before a change is not kept after it. Unknown tokens are never kept: there is no end of them.
      if (actor && changes === before) {
        if (known.size >= MOST) known.clear();
        known.set(key, { actor, until: Date.now() + KEPT_MS });
      }
      return actor;
    },
    clear() {
      changes++;
      known.clear();
    },
  };
}
