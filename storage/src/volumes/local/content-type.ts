import { extname } from "node:path/posix";

const BY_ENDING: Record<string, string> = {
  ".csv": "text/csv",
  ".gz": "application/gzip",
  ".html": "text/html",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".tar": "application/x-tar",
  ".tsv": "text/tab-separated-values",
  ".txt": "text/plain",
  ".xml": "application/xml",
  ".yaml": "application/yaml",
  ".zip": "application/zip",
};

/** Guessed from the name: a directory knows none. */
export function contentTypeOf(location: string): string {
  return BY_ENDING[extname(location).toLowerCase()] ?? "application/octet-stream";
}
