import { compileFields, type Operations, type ReplyOf, VOLUME_OBJECT_LIST_FIELDS } from "@causeway/contract";
import type { VolumeObject } from "@causeway/storage";
import type { Links } from "../../http/links.ts";
import { volumeIdOf } from "../access.ts";
import { pathOfVolume } from "../present.ts";
import type { SeenVolume } from "../queries.ts";
import type { VolumeType } from "../services/service-shape.ts";
import type { FolderPage } from "./service.ts";

type Listing = ReplyOf<Operations["listVolumeObjects"]>;

/** What an object's type is called, which is not how the service's is (volumes.md §1.5). */
const OBJECT_TYPE = { S3: "s3", GCS: "gcs", AZURE: "azure", OSS: "OSS", LOCAL: "local" } as const satisfies Record<
  VolumeType,
  string
>;

export function presentObject(volume: SeenVolume, object: Pick<VolumeObject, "location" | "metadata">, links: Links) {
  return {
    href: links.to(`${pathOfVolume(volume)}/object?location=${encodeURIComponent(object.location)}`),
    location: object.location,
    volume: volumeIdOf(volume),
    type: OBJECT_TYPE[volume.service.type],
    metadata: object.metadata,
  };
}

/**
 * A page of a list. `href` and the link to the next page keep `limit` and `fields`, because the Python client starts over
 * from the one and follows the other.
 */
export function presentPage(
  { volume, prefix, objects, folders, next }: FolderPage,
  { limit, token, fields, links }: { limit: number; token: string | undefined; fields: readonly string[]; links: Links },
): Listing {
  const selected = compileFields([...fields], VOLUME_OBJECT_LIST_FIELDS, { flat: false });
  const path = `${pathOfVolume(volume)}/list`;
  const address = (start: Record<string, string>) => {
    const query = new URLSearchParams({ ...start, limit: String(limit) });
    for (const field of fields) query.append("fields", field);
    return links.to(`${path}?${query}`);
  };
  return {
    href: address(token === undefined ? (prefix === "" ? {} : { prefix }) : { continuation_token: token }),
    prefix,
    limit,
    truncated: next !== undefined,
    items: objects.map((object) => selected.apply(presentObject(volume, object, links))),
    prefixes: folders.map((folder) => ({
      href: links.to(`${path}?${new URLSearchParams({ prefix: folder })}`),
      prefix: folder,
      volume: volumeIdOf(volume),
    })),
    links: next === undefined ? [] : [{ next: address({ continuation_token: next }) }],
  };
}
