import { Readable, Transform } from "node:stream";
import { VolumeError } from "./volume-errors.ts";
import type { OpenedObject, OpenOptions } from "./volume-store.ts";

export function emptyBytes(): Readable {
  return Readable.from([], { objectMode: false });
}

/**
 * The bytes of an answer to a request for `range`, held to what its head says: a stream of other than that many bytes
 * fails, and an answer that does not say, or gives another range than asked for, is `BadAnswer`.
 */
export function exactLength(
  bytes: Readable,
  {
    range,
    contentLength,
    contentRange,
    etag,
    ifMatch,
  }: {
    range: OpenOptions["range"];
    contentLength: number | undefined;
    contentRange: string | undefined;
    etag: string;
    ifMatch?: string | undefined;
  },
): OpenedObject {
  const refuse = (detail: string) => {
    bytes.destroy();
    return new VolumeError("BadAnswer", { action: "read", detail });
  };
  if (!Number.isSafeInteger(contentLength) || contentLength! < 0) throw refuse("the object has no length");
  const length = contentLength!;
  if (etag === "") throw refuse("the object has no ETag");
  if (ifMatch !== undefined && ifMatch !== etag) {
    // A service that takes no notice of the condition.
    bytes.destroy();
    throw new VolumeError("ObjectChanged", { action: "read" });
  }
  if (range === undefined) return { facts: { size: length, etag }, bytes: counted(bytes, length) };
  if (contentRange === undefined) throw refuse("it gives the whole object for a range");
  const [, from, to, total] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(contentRange) ?? [];
  const size = Number(total);
  const end = Math.min(range.offset + range.length, size) - 1;
  if (Number(from) !== range.offset || Number(to) !== end || length !== end - range.offset + 1)
    throw refuse("it is another range than asked for");
  return { facts: { size, etag }, bytes: counted(bytes, length) };
}

/** Passes `length` bytes, or fails. */
export function counted(bytes: Readable, length: number): Readable {
  let passed = 0;
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      done(
        passed === length
          ? null
          : new VolumeError("BadAnswer", { action: "read", detail: `${passed} bytes came, not ${length}` }),
      );
    },
    destroy(error, done) {
      if (!bytes.readableEnded) bytes.destroy();
      done(error);
    },
  });
  bytes.on("error", (error) => checked.destroy(error));
  bytes.pipe(checked);
  return checked;
}
