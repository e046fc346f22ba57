import { bytesOfFile, gunzippedStart } from "../file-bytes.ts";
import { rowsOf } from "./separated-rows.ts";

export type Preview =
  | { is: "picture"; bytes: Uint8Array; type: string }
  | { is: "page"; html: string }
  | { is: "table"; rows: string[][]; isWhole: boolean }
  | { is: "text"; text: string; isWhole: boolean }
  | { is: "nothing"; why: string };

const TEXT_BYTES = 128 * 1024;
const PAGE_BYTES = 10 * 2 ** 20;
const PICTURE_BYTES = 20 * 2 ** 20;

/** An SVG in an image element runs no script and asks for nothing. */
const PICTURES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  svg: "image/svg+xml",
};

/** Reads as much of a file as its preview shows. Its name says what it is, its bytes whether that is true. */
export async function readPreview(file: string, name: string, size: number, signal: AbortSignal): Promise<Preview> {
  const suffix = suffixOf(name.replace(/\.(gz|bgz)$/i, ""));
  const type = PICTURES[suffix];
  if (type !== undefined) {
    if (size > PICTURE_BYTES) return { is: "nothing", why: "The picture is too large to be shown here: download it." };
    return { is: "picture", type, bytes: await bytesOfFile(file, { first: PICTURE_BYTES }, signal) };
  }
  if ((suffix === "html" || suffix === "htm") && size <= PAGE_BYTES) {
    const bytes = await bytesOfFile(file, { first: PAGE_BYTES }, signal);
    return { is: "page", html: new TextDecoder().decode(bytes) };
  }
  const start = await bytesOfFile(file, { first: TEXT_BYTES }, signal);
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  const bytes = isGzip ? await gunzippedStart(start, TEXT_BYTES) : start;
  const isWhole = start.length >= size && bytes.length < TEXT_BYTES;
  if (isBinary(bytes)) return { is: "nothing", why: "These are bytes that nobody reads: download the file." };
  const text = new TextDecoder().decode(isWhole ? bytes : upToLastLine(bytes));
  if (suffix === "csv" || suffix === "tsv") return { is: "table", rows: rowsOf(text, suffix === "csv" ? "," : "\t"), isWhole };
  return { is: "text", text, isWhole };
}

const suffixOf = (name: string): string => /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";

/** A text has no NUL. */
const isBinary = (bytes: Uint8Array): boolean => bytes.subarray(0, 4096).includes(0);

function upToLastLine(bytes: Uint8Array): Uint8Array {
  const end = bytes.lastIndexOf(10);
  return end > 0 ? bytes.subarray(0, end + 1) : bytes;
}
