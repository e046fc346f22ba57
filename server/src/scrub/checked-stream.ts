import { createHash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";

/** What must come out of a stream. */
export interface Expected {
  /** Bytes. */
  readonly length: number;
  /** Of all of them; null where it is not known, or where the stream is a part of a blob. */
  readonly sha256: string | null;
}

/**
 * Passes bytes on and holds the last of them back until all are known to be right: whoever receives them gets the whole or
 * sees that it was cut. `onWrong` is called before the stream fails.
 */
export function checkedStream({ length, sha256 }: Expected, onWrong: () => Error): Transform {
  const hash = sha256 === null ? undefined : createHash("sha256");
  let received = 0;
  let held: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      hash?.update(chunk);
      received += chunk.length;
      if (received > length) return done(onWrong());
      const passed = held;
      held = chunk;
      done(null, passed);
    },
    flush(done) {
      if (received !== length || (hash && hash.digest("hex") !== sha256)) return done(onWrong());
      done(null, held);
    },
  });
}
