import { readFile, stat, writeFile } from "node:fs/promises";
import { CliError } from "../exit.ts";

/** Ends the name of a file's side file: a JSON object of its metadata (uploads.md §10). */
const SIDE = ".meta";

/** Whether `path` is the side file of a file that is beside it. */
export async function isSideFile(path: string): Promise<boolean> {
  if (!path.endsWith(SIDE)) return false;
  const file = await stat(path.slice(0, -SIDE.length)).catch(() => undefined);
  return file?.isFile() === true;
}

/**
 * The metadata beside a local file; nothing when it has no side file. Numbers and booleans count as their words, null
 * says nothing.
 *
 * @throws CliError when the side file is no JSON object of such values
 */
export async function readSideFile(path: string): Promise<Record<string, string>> {
  const text = await readFile(path + SIDE, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return {};
  const given = objectOf(text);
  const isPlain = (value: unknown) => ["string", "number", "boolean"].includes(typeof value) || value === null;
  if (!given || !Object.values(given).every(isPlain))
    throw new CliError(`${path}${SIDE} is no JSON object of metadata, so none of it is set.`);
  const filled = Object.entries(given).filter(([, value]) => value !== null);
  return Object.fromEntries(filled.map(([key, value]) => [key, String(value)]));
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return typeof value === "object" && !Array.isArray(value)
      ? ((value as Record<string, unknown> | null) ?? undefined)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a file's metadata beside it, if it has any. */
export async function writeSideFile(path: string, metadata: Readonly<Record<string, unknown>>): Promise<void> {
  if (Object.keys(metadata).length > 0) await writeFile(path + SIDE, `${JSON.stringify(metadata, undefined, 2)}\n`);
}
