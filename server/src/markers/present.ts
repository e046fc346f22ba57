import { type Operations, type ReplyOf, timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import type { MarkerRow } from "./queries.ts";

/** The public shape of a marker. */
export const presentMarker = (marker: MarkerRow, links: Links): ReplyOf<Operations["getMarker"]> => ({
  href: links.to(`/genome/markers/${marker.id}`),
  id: marker.id,
  file: marker.file_id,
  name: marker.name,
  chromosome: marker.chromosome,
  position: { start: marker.starts_at, end: marker.ends_at },
  created_time: timestamp(marker.created_at),
  created_by: marker.username,
  private: marker.private,
});
