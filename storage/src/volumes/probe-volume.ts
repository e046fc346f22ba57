import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { isFault } from "./volume-errors.ts";
import type { CallOptions, VolumeStore, WriteOptions } from "./volume-store.ts";

/** `sample` is a location that was read, where there is one. */
export interface ProbeResult {
  sample?: string;
}

/** What a volume is wanted for. */
export interface ProbeOptions extends CallOptions {
  write: boolean;
  /** Whether the access list of an object is read, too, where there are any. */
  acl?: boolean;
  /** Whether a service that has no access lists is a fault. */
  aclRequired?: boolean;
  /** How objects will be written: rights may depend on it. */
  as?: WriteOptions;
}

/**
 * Asks a volume whether it does what it is wanted for (volumes.md §2.1): lists one key under the prefix, reads a byte of
 * it if there is one, and, with `write`, puts a tiny object and removes it again, the version that it made. With `acl`, it
 * also reads that object's access list. Throws the first fault, whose `action` says what was asked.
 */
export async function probeVolume(store: VolumeStore, { write, ...options }: ProbeOptions): Promise<ProbeResult> {
  const sample = await readable(store, { signal: options.signal });
  if (write) await writable(store, options);
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

async function writable(
  store: VolumeStore,
  { acl = false, aclRequired = false, as = {}, signal }: Omit<ProbeOptions, "write">,
): Promise<void> {
  const location = `.causeway-probe-${randomUUID()}`;
  const bytes = Buffer.from("causeway looks whether it may write here, and removes this at once\n");
  const { version } = await store.put(
    location,
    { size: bytes.length, open: () => Readable.from([bytes], { objectMode: false }) },
    { ...as, signal },
  );
  try {
    if (acl) await readAcl(store, location, { aclRequired, signal });
  } finally {
    await remove(store, location, version);
  }
}

/** Not by the signal: whoever gives up leaves nothing behind. Who may write and not remove may use the volume all the same. */
async function remove(store: VolumeStore, location: string, version: string | undefined): Promise<void> {
  try {
    await store.remove(location, { version });
  } catch (error) {
    if (!isFault(error, "AccessDenied")) throw error;
  }
}

async function readAcl(store: VolumeStore, location: string, { aclRequired, signal }: { aclRequired: boolean } & CallOptions) {
  try {
    await store.readAcl?.(location, { signal });
  } catch (error) {
    if (aclRequired || !isFault(error, "NotSupported")) throw error;
  }
}
