import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { isFault } from "./volume-errors.ts";
import type { CallOptions, VolumeStore } from "./volume-store.ts";

/** `sample` is a location that was read, where there is one. */
export interface ProbeResult {
  sample?: string;
}

/**
 * Asks a volume whether it does what it is wanted for (volumes.md §2.1): lists one key under the prefix, reads a byte of
 * it if there is one, and, with `write`, puts a tiny object and removes it again, the version that it made. With `acl`, it
 * also reads that object's access list, where there are any. Throws the first fault, whose `action` says what was asked.
 */
export async function probeVolume(
  store: VolumeStore,
  { write, acl = false, signal }: { write: boolean; acl?: boolean } & CallOptions,
): Promise<ProbeResult> {
  const sample = await readable(store, { signal });
  if (write) await writable(store, { acl, signal });
  return sample === undefined ? {} : { sample };
}

/** The first object that can be read. One in an archive, or removed meanwhile, says nothing about rights. */
async function readable(store: VolumeStore, options: CallOptions): Promise<string | undefined> {
  const { objects } = await store.list({ limit: 1 }, options);
  for (const { location, size, archived } of objects) {
    if (archived || location.endsWith("/")) continue;
    try {
      const { bytes } = await store.open(location, { ...options, range: { offset: 0, length: Math.min(1, size) } });
      for await (const _ of bytes);
      return location;
    } catch (error) {
      if (!isFault(error, "NoSuchObject", "Archived")) throw error;
    }
  }
  return undefined;
}

async function writable(store: VolumeStore, { acl, signal }: { acl: boolean } & CallOptions): Promise<void> {
  const location = `.causeway-probe-${randomUUID()}`;
  const bytes = Buffer.from("causeway looks whether it may write here, and removes this at once\n");
  const { version } = await store.put(
    location,
    { size: bytes.length, open: () => Readable.from([bytes], { objectMode: false }) },
    { signal },
  );
  try {
    if (acl) await store.readAcl?.(location, { signal });
  } finally {
    // Not by the signal: whoever gives up leaves nothing behind.
    await store.remove(location, { version });
  }
}
