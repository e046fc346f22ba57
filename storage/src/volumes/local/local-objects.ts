import type { FileHandle } from "node:fs/promises";
import { utc } from "../utc.ts";
import { VolumeError } from "../volume-errors.ts";
import type { VolumeObject } from "../volume-store.ts";
import { contentTypeOf } from "./content-type.ts";

export async function factsOf(file: FileHandle): Promise<{ size: number; etag: string; modifiedAt: Date }> {
  const { size, mtimeNs, mtimeMs, ino } = await file.stat({ bigint: true });
  return { size: Number(size), etag: `${mtimeNs}-${size}-${ino}`, modifiedAt: new Date(Number(mtimeMs)) };
}

/** The object that a descriptor names, or undefined when it is no regular file. */
export async function objectOf(location: string, named: FileHandle): Promise<VolumeObject | undefined> {
  if (!(await named.stat()).isFile()) return undefined;
  const { size, etag, modifiedAt } = await factsOf(named);
  const contentType = contentTypeOf(location);
  const metadata = { size, etag, last_modified: utc(modifiedAt), content_type: contentType };
  return { location, size, modifiedAt, etag, archived: false, contentType, userMetadata: {}, metadata };
}

export function missing(): never {
  throw new VolumeError("NoSuchObject", { action: "read" });
}
