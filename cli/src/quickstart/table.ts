import { table } from "../output/output.ts";

/** A tab-separated table for the terminal; underscores of its header become blanks. */
export function showTable(tsv: string): string {
  const [header = [], ...rows] = tsv
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  return table(
    header.map((name) => name.replaceAll("_", " ")),
    rows,
    "The table is empty.",
  );
}
