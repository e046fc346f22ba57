import { chmod, copyFile, lstat, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hashFile } from "./database-dump.ts";
import type { Manifest } from "./manifest.ts";

/** What a data directory has besides the database and the bytes of files, and what a platform cannot do without. */
const KEPT = ["secrets", "tls", "admin.token"];
/** Below a backup. */
const FOLDER = "data";

/** Copies keys, certificates and the first administrator's token into the backup. */
export async function backUpKeptFiles(dataDirectory: string, backup: string): Promise<Manifest["kept"]> {
  const kept: { path: string; sha256: string }[] = [];
  for (const path of await filesBelow(dataDirectory, KEPT)) {
    const to = join(backup, FOLDER, path);
    await copy(join(dataDirectory, path), to);
    kept.push({ path, sha256: await hashFile(to) });
  }
  return kept;
}

/** Copies them into a data directory. */
export async function restoreKeptFiles(manifest: Manifest, backup: string, dataDirectory: string): Promise<void> {
  for (const { path } of manifest.kept) await copy(join(backup, FOLDER, path), join(dataDirectory, path));
}

/** Where a kept file is in a backup. */
export const keptFileIn = (backup: string, path: string): string => join(backup, FOLDER, path);

async function filesBelow(root: string, names: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of names) {
    const found = await lstat(join(root, name)).catch(() => undefined);
    if (found?.isFile()) files.push(name);
    if (!found?.isDirectory()) continue;
    const within = (await readdir(join(root, name))).sort().map((child) => join(name, child));
    files.push(...(await filesBelow(root, within)));
  }
  return files;
}

/** Secrets are for the eyes of their owner; a certificate loses nothing by that. */
async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to);
  await chmod(to, 0o600);
}
