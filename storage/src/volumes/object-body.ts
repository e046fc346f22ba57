import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { VolumeError } from "./volume-errors.ts";
import type { ObjectBody } from "./volume-store.ts";

/** A body on its way, with the MD5 of what has gone by: 32 lower-case hex digits once all has. */
export interface BodyUnderWay {
  bytes: Readable;
  md5(): string;
  /** What the body has failed with, if it has: that is why the request failed, then. */
  failure(): unknown;
}

/** Opens `body` so that it fails with `BodyCut` before it can end with other than `body.size` bytes. */
export async function openBody(body: ObjectBody): Promise<BodyUnderWay> {
  const hash = createHash("md5");
  const source = await body.open();
  let failure: unknown;
  async function* exactly() {
    let received = 0;
    try {
      for await (const chunk of source) {
        received += chunk.length;
        if (received > body.size) throw cut(body.size, "more");
        hash.update(chunk);
        yield chunk;
      }
      if (received < body.size) throw cut(body.size, String(received));
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  const bytes = Readable.from(exactly(), { objectMode: false });
  bytes.on("error", () => {}); // It is thrown as the reason why the request failed.
  return { bytes, md5: () => hash.digest("hex"), failure: () => failure };
}

/**
 * The bytes of `body` in buffers of `size` bytes, of which the last may have fewer; the first may be empty. What is sent
 * from memory is whole before its first byte is: there are services that keep what came when the sender is killed.
 */
export async function* inBuffers(body: ObjectBody, size: number): AsyncGenerator<{ bytes: Buffer; md5: Buffer }> {
  const { bytes, failure } = await openBody(body);
  let gathered: Buffer[] = [];
  let gatheredSize = 0;
  const whole = () => {
    const joined = Buffer.concat(gathered);
    gathered = [];
    gatheredSize = 0;
    return { bytes: joined, md5: createHash("md5").update(joined).digest() };
  };
  try {
    for await (let chunk of bytes) {
      while (gatheredSize + chunk.length >= size && chunk.length > 0) {
        gathered.push(chunk.subarray(0, size - gatheredSize));
        chunk = chunk.subarray(size - gatheredSize);
        yield whole();
      }
      if (chunk.length > 0) gathered.push(chunk);
      gatheredSize += chunk.length;
    }
  } catch (error) {
    throw failure() ?? error;
  }
  if (gatheredSize > 0 || body.size === 0) yield whole();
}

function cut(size: number, received: string): VolumeError {
  return new VolumeError("BodyCut", { detail: `they are ${received}, not the ${size} announced` });
}

const MIN_PART = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;
const MAX_OBJECT = 5 * 1024 ** 4;
const MiB = 1024 * 1024;

/** Bytes of the parts of an object of `size` bytes: 8 MiB or as few MiB more as keep them 10,000 at most. */
export function partSizeFor(size: number): number {
  if (!Number.isSafeInteger(size) || size < 1 || size > MAX_OBJECT) throw new RangeError(`not the size of an object: ${size}`);
  return Math.max(MIN_PART, Math.ceil(size / MAX_PARTS / MiB) * MiB);
}

/** How many parts an upload has. */
export function partCount({ size, partSize }: { size: number; partSize: number }): number {
  return Math.ceil(size / partSize);
}

/** Bytes of part `number`. Throws a `RangeError` when there is no such part. */
export function partLength(upload: { size: number; partSize: number }, number: number): number {
  if (!Number.isInteger(number) || number < 1 || number > partCount(upload))
    throw new RangeError(`not a part of this upload: ${number}`);
  return Math.min(upload.partSize, upload.size - (number - 1) * upload.partSize);
}

/** Throws `BodyCut` for a body that announces another size than the part has. */
export function checkPart(upload: { size: number; partSize: number }, number: number, body: ObjectBody): void {
  const length = partLength(upload, number);
  if (body.size !== length) throw cut(length, String(body.size));
}

/** The parts in order. Throws `PartsRefused` unless they are all parts of the upload, whole. */
export function checkParts<Part extends { number: number; size: number }>(
  upload: { size: number; partSize: number },
  parts: readonly Part[],
): Part[] {
  const inOrder = parts.toSorted((a, b) => a.number - b.number);
  const whole =
    inOrder.length === partCount(upload) &&
    inOrder.every((part, index) => part.number === index + 1 && part.size === partLength(upload, part.number));
  if (!whole) throw new VolumeError("PartsRefused", { detail: "a part is missing, or is not of its size" });
  return inOrder;
}
