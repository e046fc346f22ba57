import { isIP } from "node:net";
import {
  API_ERRORS,
  type DrsAccessUrls,
  type DrsObject,
  type DrsObjects,
  type DrsOperations,
  type ReplyOf,
  timestamp,
  VERSION,
} from "@causeway/contract";
import type { SeenFile } from "../files/access.ts";
import type { Links } from "../http/links.ts";
import { type Bundle, checksumOf } from "./bundles.ts";
import type { AccessUrl, Outcome } from "./outcomes.ts";
import type { FileFacts } from "./queries.ts";

/** Every file has one access method: an address that anybody can read from for a while. It stays when a file is exported. */
export const ACCESS_ID = "https";

/** How a request may say who makes it. */
export const AUTHORIZATIONS: { supported_types: "BearerAuth"[] } = { supported_types: ["BearerAuth"] };

/** Without a port: in an address of this kind it is always that of https (DRS 1.5 §Hostname-based DRS URIs). */
export const uriOf = (id: string, links: Links): string => `drs://${hostOf(links)}/${id}`;

const hostOf = ({ baseUrl }: Links): string => new URL(baseUrl).hostname;

export function presentFile(file: SeenFile, { sha256, active }: FileFacts, links: Links): DrsObject {
  const isOurs = file.volume_id === null;
  return {
    ...presentNamed(file, links),
    size: file.size ?? 0,
    mime_type: "application/octet-stream",
    checksums: [checksumOf({ ...file, sha256 })],
    access_methods: [
      {
        type: "https",
        access_id: ACCESS_ID,
        ...(isOurs ? { cloud: "causeway", region: "local" } : {}),
        available: active,
        authorizations: AUTHORIZATIONS,
      },
    ],
  };
}

export function presentBundle(folder: SeenFile, { size, checksum, contents }: Bundle, links: Links): DrsObject {
  return { ...presentNamed(folder, links), size, checksums: [checksum], contents };
}

const presentNamed = ({ id, name, created_at, modified_at }: SeenFile, links: Links) => ({
  id,
  name,
  self_uri: uriOf(id, links),
  created_time: timestamp(created_at),
  updated_time: timestamp(modified_at),
});

export function presentService(links: Links, bulkObjects: number): ReplyOf<DrsOperations["getDrsService"]> {
  const host = hostOf(links);
  return {
    id: `${isIP(host.replace(/^\[|\]$/g, "")) ? host : host.split(".").reverse().join(".")}.drs`,
    name: "Causeway",
    description: "The files and folders of this platform, each to who may read it.",
    type: { group: "org.ga4gh", artifact: "drs", version: "1.5.0" },
    organization: { name: host, url: links.beside("/") },
    documentationUrl: links.beside("/docs"),
    version: VERSION,
    maxBulkRequestLength: bulkObjects,
    drs: { maxBulkRequestLength: bulkObjects },
  };
}

export const presentObjects = (outcomes: readonly Outcome<DrsObject>[]): DrsObjects => ({
  ...summed(outcomes),
  resolved_drs_object: outcomes.flatMap((each) => ("value" in each ? [each.value] : [])),
});

export const presentAccessUrls = (outcomes: readonly Outcome<AccessUrl>[]): DrsAccessUrls => ({
  ...summed(outcomes),
  resolved_drs_object_access_urls: outcomes.flatMap((each) =>
    "value" in each ? [{ drs_object_id: each.id, drs_access_id: each.value.accessId, url: each.value.url }] : [],
  ),
});

/** How many were resolved, and the others by the status that each would have had alone. */
function summed(outcomes: readonly Outcome<unknown>[]): Pick<DrsObjects, "summary" | "unresolved_drs_objects"> {
  const refused = outcomes.flatMap((each) =>
    "refusal" in each ? [{ id: each.id, status: API_ERRORS[each.refusal.kind].status }] : [],
  );
  const byStatus = [...Map.groupBy(refused, ({ status }) => status)];
  return {
    summary: { requested: outcomes.length, resolved: outcomes.length - refused.length, unresolved: refused.length },
    unresolved_drs_objects: byStatus.map(([status, those]) => ({ error_code: status, object_ids: those.map(({ id }) => id) })),
  };
}
