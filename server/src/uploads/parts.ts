import { type BodyOf, type Operations, UPLOAD_LIMITS } from "@causeway/contract";
import type { StoredPart } from "@causeway/storage";
import { ApiError } from "../http/errors.ts";
import type { PartRow } from "./queries.ts";

const MiB = 1024 * 1024;

/**
 * The part size of an upload, in bytes: what was asked for where it is allowed and makes at most 10,000 parts; else 32
 * MiB, or as many full MiB as it takes (uploads.md §3.1). R refuses less than 5 MiB, even for an empty file.
 */
export function choosePartSize(size: number | undefined, wanted: unknown): number {
  const total = size ?? 0;
  const isAllowed =
    Number.isInteger(wanted) &&
    (wanted as number) >= UPLOAD_LIMITS.minPartSize &&
    (wanted as number) <= UPLOAD_LIMITS.maxPartSize &&
    Math.ceil(total / (wanted as number)) <= UPLOAD_LIMITS.parts;
  if (isAllowed) return wanted as number;
  const needed = Math.ceil(Math.ceil(total / UPLOAD_LIMITS.parts) / MiB) * MiB;
  return Math.max(UPLOAD_LIMITS.defaultPartSize, needed);
}

/** A part as a client names it. */
export interface ReportedPart {
  number: number;
  /** Without quotes. */
  etag: string;
}

/**
 * What a report says. The header's name comes in any case, the ETag with or without quotes; the Python client reports
 * an empty one for a part that failed.
 *
 * @throws ApiError `uploadPartReportInvalid`
 */
export function readReport({ part_number, response }: BodyOf<Operations["reportUploadPart"]>): ReportedPart {
  const header = Object.entries(response.headers).find(([name]) => name.toLowerCase() === "etag")?.[1];
  const etag = typeof header === "string" ? header.replace(/^W\//, "").replace(/^"(.*)"$/, "$1") : "";
  if (etag === "") throw new ApiError("uploadPartReportInvalid", `The report of part ${part_number} has no ETag.`);
  return { number: part_number, etag };
}

/**
 * The reports with the sizes of their parts, each part once: of two reports the last stands.
 *
 * @throws ApiError `uploadPartReportInvalid` when a part was never stored, or other bytes were stored last
 */
export function matchReports(reports: readonly ReportedPart[], stored: ReadonlyMap<number, StoredPart>): PartRow[] {
  const matched = new Map<number, PartRow>();
  for (const { number, etag } of reports) {
    const part = stored.get(number);
    if (!part) throw new ApiError("uploadPartReportInvalid", `Part ${number} was never stored.`);
    if (part.etag !== etag)
      throw new ApiError("uploadPartReportInvalid", `The ETag of part ${number} is not that of the bytes stored last.`);
    matched.set(number, { number, etag, size: part.size });
  }
  return [...matched.values()];
}

/**
 * Refuses reports that do not make a whole file: numbers from 1 without a gap, sizes that add up to `size` where that
 * was announced, and no part at all only for a file announced as empty.
 *
 * @throws ApiError `uploadCompleteFailed`
 */
export function refuseIncomplete(parts: readonly PartRow[], size: number | null): void {
  for (const [index, { number }] of parts.entries()) {
    if (number !== index + 1) throw new ApiError("uploadCompleteFailed", `Part ${index + 1} is missing.`);
  }
  if (parts.length === 0 && size !== 0) throw new ApiError("uploadCompleteFailed", "No part was reported.");
  const sum = parts.reduce((total, part) => total + part.size, 0);
  if (size !== null && sum !== size) {
    throw new ApiError("uploadCompleteFailed", `The parts have ${sum} bytes together, not the ${size} announced.`);
  }
}
