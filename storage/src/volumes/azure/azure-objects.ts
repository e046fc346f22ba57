import { utc } from "../utc.ts";
import { VolumeError } from "../volume-errors.ts";
import type { ListedObject } from "../volume-store.ts";

/** What lists and properties have in common. */
export interface BlobFacts {
  contentLength?: number | undefined;
  lastModified?: Date | undefined;
  etag?: string | undefined;
  contentMD5?: Uint8Array | undefined;
  contentType?: string | undefined;
  accessTier?: string | undefined;
  archiveStatus?: string | undefined;
}

export function listed(location: string, facts: BlobFacts): ListedObject {
  const { contentLength: size, lastModified: modifiedAt, contentMD5, contentType, accessTier } = facts;
  const etag = (facts.etag ?? "").replaceAll('"', "");
  const isWhole =
    Number.isSafeInteger(size) && size! >= 0 && modifiedAt instanceof Date && !Number.isNaN(modifiedAt.getTime()) && etag !== "";
  if (!isWhole) throw new VolumeError("BadAnswer", { action: "list", detail: "an object has no size, time or ETag" });
  const md5 = contentMD5 ? Buffer.from(contentMD5).toString("hex") : "";
  return {
    location,
    size: size!,
    modifiedAt: modifiedAt!,
    etag,
    // On its way out of the archive it cannot be read either.
    archived: accessTier === "Archive" || (facts.archiveStatus ?? "") !== "",
    ...(accessTier === undefined ? {} : { storageClass: accessTier }),
    ...(/^[0-9a-f]{32}$/.test(md5) ? { md5 } : {}),
    metadata: {
      size: size!,
      etag,
      last_modified: utc(modifiedAt!),
      ...(contentType === undefined ? {} : { content_type: contentType }),
      ...(accessTier === undefined ? {} : { storage_class: accessTier }),
    },
  };
}
