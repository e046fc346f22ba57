import { timestamp } from "@causeway/contract";
import type { Links } from "../http/links.ts";
import type { ReportedPart } from "./parts.ts";
import type { PartRow } from "./queries.ts";
import type { StartedUpload } from "./starting.ts";

export function presentUploadItem(upload: StartedUpload, links: Links) {
  return {
    href: links.to(`/upload/multipart/${upload.id}`),
    upload_id: upload.id,
    project: upload.project,
    parent: upload.parent,
    name: upload.name,
    initiated: timestamp(upload.initiated_at),
  };
}

/** The answer to a start: parts may be sent at once and in any order. */
export function presentUpload(upload: StartedUpload, links: Links) {
  const { initiated, ...item } = presentUploadItem(upload, links);
  return { ...item, size: upload.size, part_size: upload.part_size, parallel_uploads: true, initiated };
}

/** `parts` only where they were asked for. */
export function presentUploadDetail(
  upload: StartedUpload,
  reported: { count: number; parts?: readonly PartRow[] },
  links: Links,
) {
  return {
    ...presentUpload(upload, links),
    ...(upload.md5 === null ? {} : { md5: upload.md5 }),
    uploaded_parts_count: reported.count,
    ...(reported.parts ? { parts: reported.parts.map(presentReport) } : {}),
  };
}

export const presentReport = ({ number, etag }: ReportedPart) => ({
  part_number: number,
  response: { headers: { ETag: etag } },
});

/** Where a part's bytes go (uploads.md §1.3). */
export const presentPartInfo = ({ url, expires }: { url: string; expires: Date }) => ({
  method: "PUT" as const,
  url,
  expires: timestamp(expires),
  headers: {},
  report: { success_codes: [200], headers: ["ETag"] },
});
