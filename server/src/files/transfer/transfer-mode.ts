import { sql } from "kysely";
import type { Tx } from "../../db/database.ts";
import { BYTES_COLUMNS } from "../aliases.ts";
import { freeNames } from "../names/free-names.ts";
import { folderPairRows, type TransferMode } from "./folder-transfer.ts";
import { type CopySource, type CopyTarget, copyFilesInto } from "./insert-copies.ts";

/** The files get copies; the folders stay as they are. */
export const copyMode = (tx: Tx): TransferMode => ({
  async intoNew(pairs, projectId) {
    const { numAffectedRows } = await sql`
      insert into files (project_id, parent, name, type, ${BYTES_COLUMNS}, metadata, tags)
      select ${projectId}, pair.target, files.name, 'file', ${BYTES_COLUMNS}, files.metadata, files.tags
      from ${folderPairRows(pairs)} join files on files.parent = pair.source
      where files.type = 'file' and files.deleted_at is null`.execute(tx);
    return Number(numAffectedRows ?? 0);
  },
  intoMerged: async (target, files) => (await copyFilesInto(tx, target, files)).size,
  async before() {},
  async after() {},
});

/** The files move and keep their ids; the folders, empty then, are deleted. */
export const moveMode = (tx: Tx): TransferMode => ({
  async intoNew(pairs, projectId) {
    const { numAffectedRows } = await sql`
      update files set parent = pair.target, project_id = ${projectId}, modified_at = now() from ${folderPairRows(pairs)}
      where files.parent = pair.source and files.type = 'file' and files.deleted_at is null`.execute(tx);
    return Number(numAffectedRows ?? 0);
  },
  intoMerged: (target, files) => moveFilesInto(tx, target, files),
  before: (folders) => lockFolders(tx, folders),
  async after(folders) {
    await sql`update files set deleted_at = now() where id = any(${folders}::text[]) and deleted_at is null`.execute(tx);
  },
});

/**
 * Moves files into a folder that the transaction holds; a taken name gets a prefix. Answers how many.
 *
 * @throws a violation of `files_name` when somebody takes a name meanwhile: the transaction is to be tried again
 */
export async function moveFilesInto(tx: Tx, { folder, projectId }: CopyTarget, files: readonly CopySource[]): Promise<number> {
  const names = await freeNames(
    tx,
    folder,
    files.map(({ name }) => name),
  );
  const { numAffectedRows } = await sql`
    update files set parent = ${folder}, project_id = ${projectId}, name = given.name, modified_at = now()
    from unnest(${files.map(({ id }) => id)}::text[], ${names}::text[]) as given (id, name)
    where files.id = given.id and files.deleted_at is null`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Takes folders for their removal: who is putting something into one is waited for, who comes later finds it gone. */
export async function lockFolders(tx: Tx, folders: readonly string[]): Promise<void> {
  await sql`select from files where id = any(${folders}::text[]) and deleted_at is null order by id for update`.execute(tx);
}
