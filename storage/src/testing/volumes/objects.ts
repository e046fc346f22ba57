import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { VolumeFault } from "../../volumes/volume-errors.ts";
import { VolumeError } from "../../volumes/volume-errors.ts";
import type { ListFrom, ObjectBody, OpenOptions, VolumeStore } from "../../volumes/volume-store.ts";

/** A body of these bytes, in chunks of 64 KiB. */
export function body(bytes: Buffer | string): ObjectBody {
  const whole = Buffer.from(bytes);
  return {
    size: whole.length,
    open: () =>
      Readable.from(
        (function* () {
          for (let at = 0; at < whole.length; at += 65536) yield whole.subarray(at, at + 65536);
        })(),
        { objectMode: false },
      ),
  };
}

export async function readObject(store: VolumeStore, location: string, options?: OpenOptions): Promise<Buffer> {
  return buffer((await store.open(location, options)).bytes);
}

/** For `assert.rejects`: a fault of this kind, of which nothing but our words and the service's code is told. */
export function isVolumeFault(...faults: VolumeFault[]): (error: unknown) => boolean {
  return (error) => {
    if (error instanceof VolumeError && faults.includes(error.fault) && error.cause === undefined) return true;
    throw error;
  };
}

/** All pages of a list, each entry on its own: prefixes end in a slash. Without empty folders, which only `local` keeps. */
export async function listAll(
  store: VolumeStore,
  from: ListFrom,
): Promise<{ pages: string[][]; names: string[]; skipped: number }> {
  const pages: string[][] = [];
  let skipped = 0;
  let token: string | undefined;
  do {
    const page = await store.list({ ...from, token });
    const names = [...page.objects.map((object) => object.location).filter((name) => !name.endsWith("/")), ...page.prefixes];
    pages.push(names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    skipped += page.skipped;
    token = page.next;
  } while (token !== undefined);
  return { pages, names: pages.flat(), skipped };
}
