import { CliError, EXIT } from "../exit.ts";

/** A line of a manifest: a path relative to the manifest, and what is to be set on that file. */
export interface ManifestRow {
  readonly file: string;
  readonly metadata: Record<string, string>;
}

/**
 * Reads the manifest of the vendor's uploader (uploads.md §10): comma-separated, a header whose first column is
 * `File name`, every other column a metadata key; empty cells say nothing.
 *
 * @throws CliError
 */
export function readManifest(text: string, name: string): ManifestRow[] {
  const [header, ...rows] = cellsOf(text).filter((row) => row.some((cell) => cell !== ""));
  if (header?.[0]?.toLowerCase() !== "file name") {
    throw new CliError(`${name} is no manifest: its first column must be headed "File name".`, { exit: EXIT.usage });
  }
  return rows.map(([file = "", ...values], index) => {
    if (values.length >= header.length) {
      throw new CliError(`${name}, row ${index + 2}, has more cells than the header.`, { exit: EXIT.usage });
    }
    const filled = values.flatMap((value, column): [string, string][] => (value === "" ? [] : [[header[column + 1]!, value]]));
    return { file, metadata: Object.fromEntries(filled) };
  });
}

/** The cells of comma-separated text by rows. RFC 4180: quoted cells may hold commas, line ends and doubled quotes. */
export function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.replace(/^\uFEFF/, "").matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)!.push((quoted?.replaceAll('""', '"') ?? plain ?? "").trim());
    if (end === "") break;
    if (end !== ",") rows.push([]);
  }
  return rows;
}
