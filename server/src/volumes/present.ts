import { type Operations, type ReplyOf, timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import { volumeIdOf } from "./access.ts";
import type { SeenVolume, VolumeRow } from "./queries.ts";
import type { ShownService } from "./services/service-shape.ts";

type Volume = ReplyOf<Operations["getVolume"]>;

export const pathOfVolume = ({ owner, name }: Pick<VolumeRow, "owner" | "name">): string => `/storage/volumes/${owner}/${name}`;

/** The public shape of a volume; who does not administer it sees nothing of its credentials. */
export const presentVolume = (volume: SeenVolume, links: Links): Volume => ({
  href: links.to(pathOfVolume(volume)),
  id: volumeIdOf(volume),
  name: volume.name,
  ...(volume.description === null ? {} : { description: volume.description }),
  access_mode: volume.access_mode,
  service: presentService(volume.service, volume.rights.admin),
  created_on: timestamp(volume.created_at),
  modified_on: timestamp(volume.modified_at),
  active: volume.active,
});

function presentService(service: ShownService, withCredentials: boolean): Volume["service"] {
  const { type, bucket, storage_account, prefix, endpoint, properties } = service;
  const credentials = withCredentials ? service.credentials : {};
  const shared = { type, bucket, prefix, credentials, properties };
  if (type === "LOCAL") return shared;
  if (type === "GCS") return { ...shared, root_url: endpoint };
  if (type !== "AZURE") return { ...shared, endpoint };
  return { ...shared, endpoint, container: bucket, ...(storage_account === undefined ? {} : { storage_account }) };
}
