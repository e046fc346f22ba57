import type { Sql, Tx } from "../../db/database.ts";
import { findChild } from "../folder-locks.ts";
import { insertFile, isFolder, markFileDeleted, type NewFile } from "../queries.ts";
import { freeNames } from "./free-names.ts";

/** What to do when the name is taken: refuse; take the first free `_<n>_` name; put the new file in the old one's place. */
export type WhenTaken = "refuse" | "rename" | "replace";

/**
 * Puts a new file or folder into a folder that the transaction holds (`lockFolderShared`), and answers its id. Undefined when
 * the name is taken and `refuse` was said, or when `replace` would replace a folder, or a file by a folder.
 */
export async function placeFile(tx: Tx, file: NewFile & { parent: string }, whenTaken: WhenTaken): Promise<string | undefined> {
  if (whenTaken === "rename") return placeUnderFreeName(tx, file);
  for (;;) {
    const id = await insertFile(tx, file);
    if (id !== undefined || whenTaken === "refuse") return id;
    const taken = await findChild(tx, file.parent, file.name);
    if (taken && (taken.type === "folder" || isFolder(file))) return undefined;
    if (taken) await markFileDeleted(tx, taken.id);
  }
}

async function placeUnderFreeName(tx: Tx, file: NewFile & { parent: string }): Promise<string> {
  for (;;) {
    const id = await insertFile(tx, { ...file, name: await freeName(tx, file.parent, file.name) });
    if (id !== undefined) return id;
    // Somebody took the name since it was found free: look again.
  }
}

/** The first of `name`, `_1_name`, `_2_name`, … that nothing in the folder has. */
export const freeName = async (db: Sql, parent: string, name: string): Promise<string> =>
  (await freeNames(db, parent, [name]))[0]!;
