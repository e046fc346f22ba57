import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Session } from "../connection/session.ts";
import { CliError, EXIT } from "../exit.ts";
import { pairs } from "../files/metadata.ts";
import { fileIdOf, folderAt, projectNamed } from "../files/places.ts";
import { size, table } from "../output/output.ts";
import { attempt, type FailedFiles, failedFiles } from "./failed-files.ts";
import { knownMetadata } from "./known-metadata.ts";
import { type LocalFile, localTree } from "./local-tree.ts";
import { readManifest } from "./manifest.ts";
import { MetadataNotSet, metadataChanges } from "./metadata-changes.ts";
import { remoteFolders } from "./remote-folders.ts";
import { atMost, sideBySide } from "./side-by-side.ts";
import { isSideFile, readSideFile } from "./side-files.ts";
import { transferProgress } from "./transfer-progress.ts";
import { upload } from "./upload.ts";

interface Options {
  readonly project?: string;
  readonly parent?: string;
  readonly name?: string;
  readonly recursive?: boolean;
  readonly overwrite?: boolean;
  readonly skipExisting?: boolean;
  readonly metadata?: readonly string[];
  readonly manifest?: string;
  /** Whether `.meta` files are side files. */
  readonly meta: boolean;
  readonly partSize?: string;
  readonly parts: string;
}

type Uploaded = Awaited<ReturnType<typeof upload>>;

/** Files that are under way at once; of large ones, parts. */
const AT_ONCE = 16;

/**
 * `causeway upload`: files side by side, each in parallel parts; directories with what is in them. A file that fails does
 * not keep the others from going on: it is told at the end.
 */
export async function uploadAll(session: Session, paths: readonly string[], options: Options): Promise<void> {
  const { client, output } = session;
  const sending = sendingOf(options);
  const common = pairs(options.metadata ?? []);
  const manifest =
    options.manifest === undefined ? new Map<string, Record<string, string>>() : await manifestOf(options.manifest);
  const tree = await localTree(paths, options.recursive === true);
  const files = options.meta ? await withoutSideFiles(tree.files) : tree.files;
  if (options.name !== undefined && (files.length !== 1 || tree.folders.length > 0))
    throw new CliError("--name is for a single file.", { exit: EXIT.usage });
  for (const path of tree.leftOut) output.note(`${path} is left out: it is no file.`);
  const folders = remoteFolders(client, await destination(session, options));

  const changes = metadataChanges(client);
  const known = knownMetadata();
  const failed = failedFiles();
  const uploaded: Uploaded[] = [];
  const settingMetadata: Promise<void>[] = [];
  let skipped = 0;
  const mayBeThere = !sending.overwrite && (options.recursive === true || options.skipExisting === true);
  const progress = await transferProgress(
    files.map(({ path, size }) => ({ name: options.name ?? basename(path), size })),
    output.json,
  );

  const uploadOne = async (file: LocalFile, index: number): Promise<void> => {
    const name = options.name ?? basename(file.path);
    const beside = options.meta ? await sideMetadata(file.path, failed) : {};
    const metadata = { ...beside, ...common, ...manifest.get(resolve(file.path)) };
    const there = mayBeThere ? await folders.child(file.folders, name) : undefined;
    const isThere = there?.type === "file" && there.size === file.size;
    const given = { path: file.path, name, onBytes: progress.onBytes, ...sending };
    const sent = isThere ? there : await upload(client, session.url, { ...given, parent: await folders.id(file.folders) });
    if (isThere) skipped++;
    else uploaded[index] = sent as Uploaded;
    // An upload that was interrupted may have left a file before its metadata: what it has by now stays.
    const missing = isThere ? known.missing(file.path, there.metadata, metadata) : metadata;
    if (Object.keys(missing).length === 0) return;
    const setting = changes.set(sent.id, missing).then((all) => {
      if (isThere) known.added(file.path, Object.keys(missing));
      else (sent as Uploaded).metadata = all as Uploaded["metadata"];
    });
    settingMetadata.push(setting.catch((error: unknown) => failed.add(file.path, error)));
  };

  try {
    await sideBySide(tree.folders, AT_ONCE, (names) => attempt(names.join("/"), () => folders.id(names), failed));
    await sideBySide(files, AT_ONCE, (file, index) =>
      attempt(file.path, () => uploadOne(file, index), failed).finally(() => progress.fileDone()),
    );
  } finally {
    progress.stop();
    await changes.flush();
    await Promise.all(settingMetadata);
  }
  if (skipped > 0)
    output.note(
      `${skipped} of ${files.length} files were there already, with the same name and size (--overwrite sends them again).`,
    );
  known.tell(output);
  const shown = uploaded.flatMap((file, index) => (file === undefined ? [] : [{ ...file, folders: files[index]!.folders }]));
  if (shown.length > 0 || !failed.any)
    output.show(
      shown.map(({ folders: _, ...file }) => file),
      () =>
        table(
          ["ID", "SIZE", "NAME"],
          shown.map((file) => [file.id, size(file.size), [...file.folders, file.name].join("/")]),
          "",
        ),
    );
  failed.tell(files.length, "uploaded");
}

/** @throws CliError */
function sendingOf({ parts, partSize, overwrite }: Options) {
  const parallel = Number(parts);
  if (!Number.isInteger(parallel) || parallel < 1) throw new CliError("--parts takes a number from 1.", { exit: EXIT.usage });
  const bytes = partSize === undefined ? undefined : Number(partSize) * 2 ** 20;
  if (bytes !== undefined && !(Number.isInteger(bytes) && bytes > 0))
    throw new CliError("--part-size takes a number of MiB.", { exit: EXIT.usage });
  return {
    parallel,
    inTurn: atMost(Math.max(AT_ONCE, parallel)),
    overwrite: overwrite === true,
    ...(bytes === undefined ? {} : { partSize: bytes }),
  };
}

async function withoutSideFiles(files: readonly LocalFile[]): Promise<LocalFile[]> {
  const kept: LocalFile[] = [];
  for (const file of files) if (!(await isSideFile(file.path))) kept.push(file);
  return kept;
}

/** A side file that cannot be read keeps no file from going up; it is told at the end, and metadata can be set again (uploads.md §10). */
async function sideMetadata(path: string, failed: FailedFiles): Promise<Record<string, string>> {
  try {
    return await readSideFile(path);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    failed.add(path, new MetadataNotSet(error.message));
    return {};
  }
}

/** A folder that is missing is made for a directory, as an output location is for a task. */
async function destination({ client }: Session, { project, parent, recursive }: Options): Promise<string> {
  if ((project === undefined) === (parent === undefined)) {
    throw new CliError("Where to? Give either --project owner/project or --parent FOLDER.", { exit: EXIT.usage });
  }
  if (parent !== undefined) return recursive ? folderAt(client, parent) : fileIdOf(client, parent);
  return (await client.getProject(projectNamed(project!))).root_folder;
}

/** Metadata by the absolute path of its file. */
async function manifestOf(path: string): Promise<Map<string, Record<string, string>>> {
  const rows = readManifest(await readFile(path, "utf8"), path);
  return new Map(rows.map(({ file, metadata }) => [resolve(dirname(path), file), metadata]));
}
