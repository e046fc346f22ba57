import { readFile, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Session } from "../connection/session.ts";
import { Complaint, EXIT } from "../exit.ts";
import { pairs } from "../files/metadata.ts";
import { fileIdOf, projectNamed } from "../files/places.ts";
import { size, table } from "../output/output.ts";
import { createProgress } from "../output/progress.ts";
import { readManifest } from "./manifest.ts";
import { upload } from "./upload.ts";

interface Options {
  readonly project?: string;
  readonly parent?: string;
  readonly name?: string;
  readonly overwrite?: boolean;
  readonly metadata?: readonly string[];
  readonly manifest?: string;
  readonly partSize?: string;
  readonly parts: string;
}

/** `causeway upload`: file after file, each in parallel parts. */
export async function uploadAll(session: Session, paths: readonly string[], options: Options): Promise<void> {
  const { client, url, output } = session;
  const parallel = Number(options.parts);
  if (!Number.isInteger(parallel) || parallel < 1) throw new Complaint("--parts takes a number from 1.", { exit: EXIT.usage });
  const partSize = options.partSize === undefined ? undefined : Number(options.partSize) * 2 ** 20;
  if (partSize !== undefined && !(Number.isInteger(partSize) && partSize > 0))
    throw new Complaint("--part-size takes a number of MiB.", { exit: EXIT.usage });
  if (options.name !== undefined && paths.length > 1) throw new Complaint("--name is for a single file.", { exit: EXIT.usage });
  const common = pairs(options.metadata ?? []);
  const manifest =
    options.manifest === undefined ? new Map<string, Record<string, string>>() : await manifestOf(options.manifest);
  const parent = await destination(session, options);

  const files: Awaited<ReturnType<typeof upload>>[] = [];
  for (const path of paths) {
    const total = (await stat(path).catch(() => undefined))?.size ?? 0;
    const progress = await createProgress(basename(path), total, { unit: "bytes", silent: output.json });
    const onBytes = progress.add;
    const given = {
      path,
      parent,
      parallel,
      onBytes,
      overwrite: options.overwrite === true,
      ...(partSize === undefined ? {} : { partSize }),
    };
    const file = await upload(client, url, options.name === undefined ? given : { ...given, name: options.name }).finally(() =>
      progress.stop(),
    );
    const metadata = { ...common, ...manifest.get(resolve(path)) };
    if (Object.keys(metadata).length > 0) file.metadata = await client.updateFileMetadata({ file: file.id, body: metadata });
    files.push(file);
  }
  output.show(files, () =>
    table(
      ["ID", "SIZE", "NAME"],
      files.map((file) => [file.id, size(file.size), file.name]),
      "",
    ),
  );
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
