import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Session } from "../connection/session.ts";
import { Complaint, EXIT } from "../exit.ts";
import { pairs } from "../files/metadata.ts";
import { fileIdOf, projectNamed } from "../files/places.ts";
import { size, table } from "../output/output.ts";
import { createProgress } from "../output/progress.ts";
import { type LocalFile, localTree } from "./local-tree.ts";
import { readManifest } from "./manifest.ts";
import { type RemoteFolders, remoteFolders } from "./remote-folders.ts";
import { isSideFile, readSideFile } from "./side-files.ts";
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

/** `causeway upload`: file after file, each in parallel parts; directories with what is in them. */
export async function uploadAll(session: Session, paths: readonly string[], options: Options): Promise<void> {
  const { output } = session;
  const sending = sendingOf(options);
  const common = pairs(options.metadata ?? []);
  const manifest =
    options.manifest === undefined ? new Map<string, Record<string, string>>() : await manifestOf(options.manifest);
  const tree = await localTree(paths, options.recursive === true);
  const files = options.meta ? await withoutSideFiles(tree.files) : tree.files;
  if (options.name !== undefined && (files.length !== 1 || tree.folders.length > 0))
    throw new Complaint("--name is for a single file.", { exit: EXIT.usage });
  for (const path of tree.leftOut) output.note(`${path} is left out: it is no file.`);
  const folders = remoteFolders(session.client, await destination(session, options));
  for (const names of tree.folders) await folders.id(names);

  const uploaded: Uploaded[] = [];
  let skipped = 0;
  for (const [index, file] of files.entries()) {
    const name = options.name ?? basename(file.path);
    if (!sending.overwrite && (options.recursive || options.skipExisting) && (await isThere(folders, file, name))) {
      skipped++;
      continue;
    }
    const title = files.length === 1 ? name : `${index + 1}/${files.length} ${name}`;
    const progress = await createProgress(title, file.size, { unit: "bytes", silent: output.json });
    const given = { path: file.path, name, parent: await folders.id(file.folders), onBytes: progress.add, ...sending };
    const sent = await upload(session.client, session.url, given).finally(() => progress.stop());
    const beside = options.meta ? await sideMetadata(session, file.path) : {};
    const metadata = { ...beside, ...common, ...manifest.get(resolve(file.path)) };
    if (Object.keys(metadata).length > 0)
      sent.metadata = await session.client.updateFileMetadata({ file: sent.id, body: metadata });
    uploaded.push(sent);
  }
  if (skipped > 0) output.note(`${skipped} of ${files.length} files were there already.`);
  output.show(uploaded, () =>
    table(
      ["ID", "SIZE", "NAME"],
      uploaded.map((file) => [file.id, size(file.size), file.name]),
      "",
    ),
  );
}

/** @throws Complaint */
function sendingOf({ parts, partSize, overwrite }: Options) {
  const parallel = Number(parts);
  if (!Number.isInteger(parallel) || parallel < 1) throw new Complaint("--parts takes a number from 1.", { exit: EXIT.usage });
  const bytes = partSize === undefined ? undefined : Number(partSize) * 2 ** 20;
  if (bytes !== undefined && !(Number.isInteger(bytes) && bytes > 0))
    throw new Complaint("--part-size takes a number of MiB.", { exit: EXIT.usage });
  return { parallel, overwrite: overwrite === true, ...(bytes === undefined ? {} : { partSize: bytes }) };
}

/** A file of the same name and size counts as uploaded: an interrupted upload has left no file. */
async function isThere(folders: RemoteFolders, { folders: names, size }: LocalFile, name: string): Promise<boolean> {
  const child = await folders.child(names, name);
  return child?.type === "file" && child.size === size;
}

async function withoutSideFiles(files: readonly LocalFile[]): Promise<LocalFile[]> {
  const kept: LocalFile[] = [];
  for (const file of files) if (!(await isSideFile(file.path))) kept.push(file);
  return kept;
}

/** A side file that cannot be read is a warning: its file is there, and metadata can be set again (uploads.md §10). */
async function sideMetadata({ output }: Session, path: string): Promise<Record<string, string>> {
  try {
    return await readSideFile(path);
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    output.note(error.message);
    return {};
  }
}

async function destination({ client }: Session, { project, parent }: Options): Promise<string> {
  if ((project === undefined) === (parent === undefined)) {
    throw new Complaint("Where to? Give either --project owner/project or --parent FOLDER.", { exit: EXIT.usage });
  }
  if (parent !== undefined) return fileIdOf(client, parent);
  return (await client.getProject(projectNamed(project!))).root_folder;
}

/** Metadata by the absolute path of its file. */
async function manifestOf(path: string): Promise<Map<string, Record<string, string>>> {
  const rows = readManifest(await readFile(path, "utf8"), path);
  return new Map(rows.map(({ file, metadata }) => [resolve(dirname(path), file), metadata]));
}
