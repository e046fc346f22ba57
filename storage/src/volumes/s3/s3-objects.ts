import type { HeadObjectCommandOutput, ListObjectsCommandOutput, ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import type { KeySpace } from "../locations.ts";
import { utc } from "../utc.ts";
import { VolumeError } from "../volume-errors.ts";
import type { ListedObject, ObjectPage, VolumeObject } from "../volume-store.ts";

const ARCHIVES = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/** A page as the API understands it. Throws `BadAnswer` for what is no list of this prefix. */
export function pageOf(
  answer: ListObjectsV2CommandOutput | ListObjectsCommandOutput,
  { keys, limit, token, next }: { keys: KeySpace; limit: number; token: string | undefined; next: string | undefined },
): ObjectPage {
  const { IsTruncated, Contents = [], CommonPrefixes = [], EncodingType } = answer;
  // A page that is no list at all, of a login portal say, is read as an empty one.
  if (IsTruncated === undefined) throw bad("it is no list");
  if (Contents.length + CommonPrefixes.length > limit) throw bad("a page has more entries than asked for");
  if (IsTruncated && (next === undefined || next === token)) throw bad("a list does not go on");
  const locate = (key: string | undefined) => keys.locationOf(EncodingType === "url" ? unescaped(key ?? "") : (key ?? ""));
  const objects = Contents.map(({ Key, ...rest }) => ({ location: locate(Key), ...rest }));
  const prefixes = CommonPrefixes.map(({ Prefix }) => locate(Prefix));
  const page: ObjectPage = {
    objects: objects.flatMap(({ location, ...object }) => (location === undefined ? [] : [listed(location, object)])),
    prefixes: prefixes.filter((prefix) => prefix !== undefined),
    skipped: [...objects.map((object) => object.location), ...prefixes].filter((location) => location === undefined).length,
  };
  return IsTruncated ? { ...page, next: next! } : page;
}

function listed(
  location: string,
  facts: {
    Size?: number | undefined;
    LastModified?: Date | undefined;
    ETag?: string | undefined;
    StorageClass?: string | undefined;
  },
): ListedObject {
  const { size, modifiedAt, etag } = checked(facts);
  const storageClass = facts.StorageClass ?? "STANDARD";
  return {
    location,
    size,
    modifiedAt,
    etag,
    storageClass,
    archived: ARCHIVES.has(storageClass),
    metadata: { size, etag, last_modified: utc(modifiedAt), storage_class: storageClass },
  };
}

/** An object as HEAD shows it. */
export function objectOf(location: string, answer: HeadObjectCommandOutput): VolumeObject {
  const { ContentLength, Metadata = {}, VersionId, ContentType, ServerSideEncryption: encryption } = answer;
  if (unquoted(answer.ETag) === "") throw bad("an object has no ETag");
  const object = listed(location, { ...answer, Size: ContentLength });
  const version = VersionId === undefined || VersionId === "null" ? {} : { version: VersionId };
  const restored = answer.Restore?.includes('ongoing-request="false"') ?? false;
  // Only without a customer's key is the ETag of an object of one part its MD5.
  const plain = (encryption === undefined || encryption === "AES256") && answer.SSECustomerAlgorithm === undefined;
  const userMetadata = Object.fromEntries(Object.entries(Metadata).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    ...object,
    archived: (object.archived && !restored) || answer.ArchiveStatus !== undefined,
    ...(plain && /^[0-9a-f]{32}$/.test(object.etag) ? { md5: object.etag } : {}),
    ...(ContentType === undefined ? {} : { contentType: ContentType }),
    ...version,
    userMetadata,
    metadata: {
      ...object.metadata,
      ...(ContentType === undefined ? {} : { content_type: ContentType }),
      ...(VersionId === undefined ? {} : { version_id: VersionId }),
      ...(encryption === undefined ? {} : { sse_algorithm: encryption }),
      user_metadata: userMetadata,
    },
  };
}

function checked({
  Size,
  LastModified,
  ETag,
}: {
  Size?: number | undefined;
  LastModified?: Date | undefined;
  ETag?: string | undefined;
}) {
  if (!Number.isSafeInteger(Size) || Size! < 0) throw bad("an object has no size");
  if (!(LastModified instanceof Date) || Number.isNaN(LastModified.getTime())) throw bad("an object has no time");
  // Some stores leave out the ETag in lists.
  return { size: Size!, modifiedAt: LastModified, etag: unquoted(ETag) || `${LastModified.getTime()}-${Size}` };
}

export function unquoted(etag: string | undefined): string {
  return (etag ?? "").replaceAll('"', "");
}

/** Of something that was written. Throws `BadAnswer`: what has no ETag was not written by a store. */
export function etagOf({ ETag }: { ETag?: string | undefined }): string {
  const etag = unquoted(ETag);
  if (etag === "") throw new VolumeError("BadAnswer", { action: "write", detail: "what was written has no ETag" });
  return etag;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw bad("a key is not escaped as it says");
  }
}

function bad(detail: string): VolumeError {
  return new VolumeError("BadAnswer", { action: "list", detail });
}
