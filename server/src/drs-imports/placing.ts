import type { Tx } from "../db/database.ts";
import type { Destination, FileAccess } from "../files/access.ts";
import type { FileContents } from "../files/file-creation.ts";
import type { WhenTaken } from "../files/names/put-in-folder.ts";
import { ApiError } from "../http/errors.ts";
import type { DrsFileRow, DrsImportRow, DrsItemRow } from "./queries.ts";

interface PlacingDeps {
  contents: FileContents;
  access: FileAccess;
}

interface Placing {
  job: DrsImportRow;
  item: DrsItemRow;
  target: Destination;
  /** What the item becomes, folders before what is in them; every file has its bytes, unless something is there already. */
  files: readonly DrsFileRow[];
}

const WHEN_TAKEN = { SKIP: "refuse", OVERWRITE: "replace", RENAME: "rename" } as const satisfies Record<string, WhenTaken>;

/**
 * Makes the file or folder of an item and answers its id; with `SKIP`, that of what has its name already.
 *
 * @throws ApiError `drsFileExists`, `drsFolderExists`, `drsDestinationNotFound`, `drsBundleConflict`
 */
export async function placeItem(
  tx: Tx,
  { contents, access }: PlacingDeps,
  { job, item, target, files }: Placing,
): Promise<string> {
  const isBundle = item.kind === "bundle";
  const there = await access.child(target.folder, item.name!, tx);
  if (there && job.conflict_resolution !== "RENAME") {
    const isFolder = there.type === "folder";
    if (isFolder !== isBundle || (isBundle && job.conflict_resolution === "OVERWRITE"))
      throw new ApiError(isFolder ? "drsFolderExists" : "drsFileExists");
    if (job.conflict_resolution === "SKIP") return there.id;
  }
  const common = { projectId: target.projectId, parent: target.folder, name: item.name! };
  if (!isBundle)
    return added(await contents.add(tx, { ...common, ...saidOf(files[0]!, job, item) }, WHEN_TAKEN[job.conflict_resolution]));

  const folder = added(await contents.add(tx, common, job.conflict_resolution === "RENAME" ? "rename" : "refuse"));
  const folders = new Map([["", folder]]);
  for (const file of files) {
    const place = { projectId: target.projectId, parent: folders.get(file.folder)!, name: file.name };
    const said = file.object_id === null ? {} : saidOf(file, job, item);
    const made = await contents.add(tx, { ...place, ...said }, "refuse");
    if (!("id" in made)) throw new ApiError("drsBundleConflict", file.name);
    if (file.object_id === null) folders.set(file.folder === "" ? file.name : `${file.folder}/${file.name}`, made.id);
  }
  return folder;
}

function saidOf({ blob_key: key, stored_size: size, sha256 }: DrsFileRow, { tags }: DrsImportRow, { metadata }: DrsItemRow) {
  // It was not brought because something had the name.
  if (key === null) throw new Changed("The name is free again.");
  return { blob: { key, size: size!, sha256 }, tags, metadata };
}

/** What has the name is another thing than a moment ago: the item is tried again. */
class Changed extends Error {
  override name = "Changed";
}

function added(result: Awaited<ReturnType<FileContents["add"]>>): string {
  if ("id" in result) return result.id;
  if (result.refused === "folderMissing") throw new ApiError("drsDestinationNotFound");
  throw new Changed("The name was taken in the meantime.");
}
