import { createHash } from "node:crypto";
import type { DrsChecksum, DrsContents } from "@causeway/contract";
import type { Bytes, Member } from "./queries.ts";

/** A folder as DRS sees it: what is in it, and over all of that a size and a checksum (DRS 1.5, `DrsObject`). */
export interface Bundle {
  /** Bytes. */
  size: number;
  checksum: DrsChecksum;
  contents: DrsContents[];
}

/**
 * The bundle of a folder, of everything at any depth below it. Its checksum is the SHA-256 over the sorted checksums of
 * what lies in it, folders by their own; when one of these is no SHA-256, it is no more than a tag that changes with them.
 *
 * @param uriOf the `drs:` address of an id
 * @param expand whether `contents` go all the way down
 */
export function bundleOf(
  folder: string,
  members: readonly Member[],
  { uriOf, expand }: { uriOf: (id: string) => string; expand: boolean },
): Bundle {
  const inside = Map.groupBy(members, ({ parent }) => parent);
  const sums = new Map<string, Sum>();
  const sumOf = (id: string): Sum => total((inside.get(id) ?? []).map((member) => sums.get(member.id)!));
  // The deepest first: folders are summed up after what is in them.
  for (const member of members.toSorted((a, b) => b.depth - a.depth))
    sums.set(member.id, member.type === "folder" ? sumOf(member.id) : { size: member.size ?? 0, checksum: checksumOf(member) });
  const contentsOf = (id: string): DrsContents[] =>
    (inside.get(id) ?? []).toSorted(byName).map((member) => ({
      name: member.name,
      id: member.id,
      drs_uri: [uriOf(member.id)],
      ...(expand && member.type === "folder" ? { contents: contentsOf(member.id) } : {}),
    }));
  return { ...sumOf(folder), contents: contentsOf(folder) };
}

interface Sum {
  size: number;
  checksum: DrsChecksum;
}

/**
 * Of the bytes of a file. What a service calls an object is a checksum of its bytes under conditions that nobody can see
 * later (how it was written, how it is encrypted), so of an alias it is never taken for one.
 */
export function checksumOf({ sha256, blob_key: key, object_etag: etag }: Bytes): DrsChecksum {
  if (sha256 !== null) return { type: "sha-256", checksum: sha256 };
  return { type: "etag", checksum: key ?? etag ?? "" };
}

function total(parts: readonly Sum[]): Sum {
  const sorted = parts.map(({ checksum }) => checksum.checksum).sort();
  return {
    size: parts.reduce((sum, { size }) => sum + size, 0),
    checksum: {
      type: parts.every(({ checksum }) => checksum.type === "sha-256") ? "sha-256" : "etag",
      checksum: createHash("sha256").update(sorted.join("")).digest("hex"),
    },
  };
}

const byName = (a: Member, b: Member): number => (a.name < b.name ? -1 : 1);
