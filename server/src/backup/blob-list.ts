import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** A blob as a list of a backup names it. */
export interface ListedBytes {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** 64 hex digits; null where the platform had not read it yet. */
  readonly sha256: string | null;
  /** Why it is not in the backup. */
  readonly damage?: string;
}

/** One line of a list, without its end: what PostgreSQL's COPY writes. */
export const lineOf = ({ key, size, sha256, damage }: ListedBytes): string =>
  [key, size, sha256 ?? "\\N", ...(damage === undefined ? [] : [damage])].join("\t");

/** The blobs of a list in its order, however many they are. */
export async function* readBlobList(path: string): AsyncIterable<ListedBytes> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const [key, size, sha256, damage] = line.split("\t") as [string, string, string, string?];
    yield { key, size: Number(size), sha256: sha256 === "\\N" ? null : sha256, ...(damage === undefined ? {} : { damage }) };
  }
}
