import { closeSync, openSync, readSync } from "node:fs";
import type { CwlVersion } from "../model.ts";
import { JobError } from "./job-error.ts";

/** What `loadContents` reads at most, in bytes (CWL v1.2 §CommandOutputBinding.loadContents). */
const CONTENTS_LIMIT = 64 * 1024;

// One byte more than the limit shows that a file is larger. Shared: reading and decoding never yield in between.
const buffer = Buffer.allocUnsafe(CONTENTS_LIMIT + 1);

/**
 * The text of a file, for `contents`.
 *
 * @throws JobError when it is no UTF-8, cannot be read, or, in v1.2, is larger than 64 KiB. Older versions cut it there
 * (v1.1 §CommandOutputBinding.loadContents: "up to the first 64 KiB").
 */
export function readContents(path: string, version: CwlVersion, place: string): string {
  const length = readStart(path, place);
  if (length > CONTENTS_LIMIT && version === "v1.2") {
    throw new JobError("input", place, `loadContents reads at most 64 KiB, and ${path} is larger`);
  }
  const cut = length > CONTENTS_LIMIT;
  try {
    // A cut may fall within a character: `stream` holds the torn one back instead of refusing it.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      buffer.subarray(0, Math.min(length, CONTENTS_LIMIT)),
      {
        stream: cut,
      },
    );
  } catch (cause) {
    throw new JobError("input", place, `loadContents needs UTF-8 text, and ${path} is not`, { cause });
  }
}

/** Reads the start of a file into `buffer` and answers how many bytes there were. */
function readStart(path: string, place: string): number {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || length === buffer.length) return length;
    }
  } catch (cause) {
    throw new JobError("input", place, `${path} cannot be read: ${(cause as Error).message}`, { cause });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
