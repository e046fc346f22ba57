import { readFile } from "node:fs/promises";
import { CliError, EXIT } from "../exit.ts";
import { cellsOf } from "../transfers/manifest.ts";

/** The rows of a CSV file by its header, which has these columns, none of them empty. @throws CliError naming the row */
export async function readJobManifest(path: string, columns: readonly string[]): Promise<Record<string, string>[]> {
  const refuse = (message: string) => new CliError(`${path}: ${message}`, { exit: EXIT.usage });
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw refuse(error.message);
  });
  const [header = [], ...rows] = cellsOf(text).filter((cells) => cells.some((cell) => cell !== ""));
  return rows.map((cells, index) => {
    const row = Object.fromEntries(header.map((name, column) => [name.toLowerCase(), cells[column] ?? ""]));
    for (const column of columns)
      if (!row[column]) throw refuse(`row ${index + 2} has no ${column}; the columns are ${columns.join(", ")}.`);
    return row;
  });
}
