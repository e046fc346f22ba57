import type { KeySpace } from "../locations.ts";
import { VolumeError } from "../volume-errors.ts";
import type { ObjectPage, VolumeObject } from "../volume-store.ts";

/** An object of the JSON API; what is not there or not of its kind is `BadAnswer`. The ETag is the generation, which changes with the content alone. */
export function objectOf(location: string, answer: Record<string, unknown>): VolumeObject {
  const size = Number(answer.size);
  const modifiedAt = new Date(String(answer.updated ?? answer.timeCreated));
  const generation = String(answer.generation ?? "");
  if (!/^\d{1,16}$/.test(String(answer.size)) || !/^\d{1,20}$/.test(generation) || Number.isNaN(modifiedAt.getTime())) {
    throw new VolumeError("BadAnswer", { action: "read", detail: "an object has no size, time or generation" });
  }
  const md5 = typeof answer.md5Hash === "string" ? Buffer.from(answer.md5Hash, "base64").toString("hex") : "";
  return {
    location,
    size,
    modifiedAt,
    etag: generation,
    archived: false,
    version: generation,
    ...(/^[0-9a-f]{32}$/.test(md5) ? { md5 } : {}),
    ...(typeof answer.storageClass === "string" ? { storageClass: answer.storageClass } : {}),
    ...(typeof answer.contentType === "string" ? { contentType: answer.contentType } : {}),
    userMetadata: userMetadataOf(answer.metadata),
    metadata: shown(answer, size),
  };
}

export function pageOf(
  answer: Record<string, unknown>,
  { keys, limit, token }: { keys: KeySpace; limit: number; token: string | undefined },
): ObjectPage {
  const { kind, items = [], prefixes = [], nextPageToken: next } = answer;
  if (kind !== "storage#objects" || !Array.isArray(items) || !Array.isArray(prefixes)) throw bad("it is no list");
  if (items.length + prefixes.length > limit) throw bad("a page has more entries than asked for");
  if (next !== undefined && (typeof next !== "string" || next === token)) throw bad("a list does not go on");
  const page: ObjectPage = { objects: [], prefixes: [], skipped: 0 };
  for (const item of items) {
    const location = keys.locationOf(String(item?.name));
    if (location === undefined) page.skipped += 1;
    else page.objects.push(objectOf(location, item));
  }
  for (const prefix of prefixes) {
    const location = keys.locationOf(String(prefix));
    if (location === undefined) page.skipped += 1;
    else page.prefixes.push(location);
  }
  return next ? { ...page, next } : page;
}

const SHOWN = [
  "bucket",
  "contentType",
  "crc32c",
  "etag",
  "generation",
  "id",
  "kind",
  "md5Hash",
  "mediaLink",
  "metageneration",
  "name",
  "selfLink",
  "storageClass",
] as const;
const TIMES = ["timeCreated", "updated", "timeStorageClassUpdated"] as const;

/** As the API has shown Google's objects for years (volumes.md §1.5). */
function shown(answer: Record<string, unknown>, size: number): Record<string, unknown> {
  const texts = SHOWN.flatMap((name) => (typeof answer[name] === "string" ? [[name, answer[name]]] : []));
  const times = TIMES.flatMap((name) => {
    const value = new Date(String(answer[name])).getTime();
    return Number.isNaN(value) ? [] : [[name, { value, dateOnly: false, timeZoneShift: 0 }]];
  });
  return { ...Object.fromEntries(texts), size, ...Object.fromEntries(times) };
}

function userMetadataOf(metadata: unknown): Record<string, string> {
  if (typeof metadata !== "object" || metadata === null) return {};
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function bad(detail: string): VolumeError {
  return new VolumeError("BadAnswer", { action: "list", detail });
}
