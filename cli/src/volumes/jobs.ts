import { setTimeout as pause } from "node:timers/promises";
import type { BodyOf, Operations, ReplyOf } from "@causeway/contract";
import type { Session } from "../connection/session.ts";
import { CliError, EXIT } from "../exit.ts";
import { fileIdOf } from "../files/places.ts";
import { table } from "../output/output.ts";
import { createProgress } from "../output/progress.ts";
import { readJobManifest } from "./job-manifest.ts";
import { volumeNamed } from "./named.ts";

/** Jobs that one call starts, or tells of. */
const AT_ONCE = 100;
const ASK_EVERY_MS = 500;

export interface ImportOptions {
  volume?: string;
  locations: string[];
  to?: string;
  name?: string;
  overwrite?: true;
  autorename?: true;
  flat?: true;
  manifest?: string;
  wait?: true;
}

export interface ExportOptions {
  files: string[];
  to?: string;
  location?: string;
  overwrite?: true;
  copyOnly?: true;
  manifest?: string;
  wait?: true;
}

type Results = ReplyOf<Operations["getImports" | "getExports"]>["items"];
type Job = Extract<Results[number], { resource: unknown }>["resource"];

/** Starts imports, of what is named or of all that a manifest names, and waits for them if that was said. */
export async function startImports(session: Session, options: ImportOptions): Promise<void> {
  const { client } = session;
  const folders = new Map<string, Promise<string>>();
  const folderOf = (place: string) => {
    const known = folders.get(place) ?? fileIdOf(client, place);
    folders.set(place, known);
    return known;
  };
  const items: BodyOf<Operations["startImports"]>["items"] = [];
  for (const { volume, location, to, name } of await importsOf(options)) {
    volumeNamed(volume);
    items.push({
      source: { volume, location },
      destination: { parent: await folderOf(to), ...(name === undefined ? {} : { name }) },
      ...(options.overwrite ? { overwrite: true } : {}),
      ...(options.autorename ? { autorename: true } : {}),
      ...(options.flat ? { preserve_folder_structure: false } : {}),
    });
  }
  await run(session, options.wait === true, {
    noun: "import",
    items,
    start: async (some) => (await client.startImports({ body: { items: some } })).items,
    look: async (ids) => (await client.getImports({ body: { import_ids: ids } })).items,
    nameOf: (item) => item.source.location,
  });
}

/** The same of exports. */
export async function startExports(session: Session, options: ExportOptions): Promise<void> {
  const { client } = session;
  const items: BodyOf<Operations["startExports"]>["items"] = [];
  for (const { file, volume, location } of await exportsOf(options)) {
    volumeNamed(volume);
    items.push({
      source: { file: await fileIdOf(client, file) },
      destination: { volume, location },
      ...(options.overwrite ? { overwrite: true } : {}),
    });
  }
  const copyOnly = options.copyOnly === true;
  await run(session, options.wait === true, {
    noun: "export",
    items,
    start: async (some) => (await client.startExports({ copy_only: copyOnly, body: { items: some } })).items,
    look: async (ids) => (await client.getExports({ body: { export_ids: ids } })).items,
    nameOf: (item) => item.destination.location,
  });
}

async function importsOf({ manifest, volume, locations, to, name }: ImportOptions) {
  if (manifest !== undefined) {
    const rows = await readJobManifest(manifest, ["volume", "location", "to"]);
    return rows.map((row) => ({ volume: row.volume!, location: row.location!, to: row.to!, name: row.name || undefined }));
  }
  if (volume === undefined || locations.length === 0 || to === undefined)
    throw usage("Name a volume, locations on it and --to PLACE, or --manifest FILE.");
  if (name !== undefined && locations.length > 1) throw usage("--name is for a single location.");
  return locations.map((location) => ({ volume, location, to, name }));
}

async function exportsOf({ manifest, files, to, location }: ExportOptions) {
  if (manifest !== undefined) {
    const rows = await readJobManifest(manifest, ["file", "volume", "location"]);
    return rows.map((row) => ({ file: row.file!, volume: row.volume!, location: row.location! }));
  }
  if (files.length === 0 || to === undefined) throw usage("Name files and --to VOLUME, or --manifest FILE.");
  if (location !== undefined && files.length > 1) throw usage("--location is for a single file.");
  const [owner, name, ...folders] = to.replace(/\/+$/, "").split("/");
  const volume = `${owner}/${name ?? ""}`;
  return files.map((file) => ({ file, volume, location: [...folders, location ?? file.split("/").at(-1)!].join("/") }));
}

interface Jobs<Item> {
  noun: "import" | "export";
  items: Item[];
  start(items: Item[]): Promise<Results>;
  look(ids: string[]): Promise<Results>;
  nameOf(item: Item): string;
}

interface Followed {
  name: string;
  job?: Job;
  /** Why there is no job, or why it failed. */
  error?: string;
  code?: number;
}

/** What to do about errors that a newcomer meets. */
const ADVICE: Readonly<Record<"import" | "export", readonly (readonly [code: number, words: string])[]>> = {
  import: [
    [9105, "`causeway volume browse VOLUME [FOLDER]` lists the locations on a volume."],
    [9108, "--overwrite replaces files of the same name; --autorename gives the new files other names."],
    [9018, "Name an object, or a folder below the top of the volume: `causeway volume browse VOLUME` lists them."],
  ],
  export: [[9108, "--overwrite replaces the objects that are there."]],
};

async function run<Item>(
  { output }: Session,
  isWaiting: boolean,
  { noun, items, start, look, nameOf }: Jobs<Item>,
): Promise<void> {
  const followed: Followed[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    const started = await start(some);
    for (const [index, result] of started.entries()) followed.push({ name: nameOf(some[index]!), ...toldBy(result) });
  }
  if (isWaiting) {
    const progress = await createProgress(`${noun}s`, followed.length, { unit: "steps", silent: output.json });
    try {
      await untilEnded(followed, look, (done) => progress.update(done));
    } finally {
      progress.stop();
    }
  }
  const shown = followed.map(({ name, job, error }) => ({
    ...(job ?? {}),
    location: name,
    ...(error ? { failure: error } : {}),
  }));
  output.show(shown, () =>
    table(
      ["ID", "STATE", "LOCATION", "ERROR"],
      followed.map(({ name, job, error }) => [job?.id, job?.state ?? "REFUSED", name, error]),
      "Nothing to do.",
    ),
  );
  const failed = followed.filter(({ error }) => error !== undefined);
  if (failed.length > 0) {
    const codes = new Set(failed.map(({ code }) => code));
    const advice = ADVICE[noun].filter(([code]) => codes.has(code)).map(([, words]) => words);
    throw new CliError(`${failed.length} of ${followed.length} ${noun}s failed.`, {
      ...(advice.length === 0 ? {} : { advice: advice.join("\n  ") }),
    });
  }
}

async function untilEnded(followed: Followed[], look: (ids: string[]) => Promise<Results>, tell: (done: number) => void) {
  for (;;) {
    const open = followed.filter(({ job, error }) => job !== undefined && error === undefined && job.finished_on === undefined);
    tell(followed.length - open.length);
    if (open.length === 0) return;
    await pause(ASK_EVERY_MS);
    for (let from = 0; from < open.length; from += AT_ONCE) {
      const some = open.slice(from, from + AT_ONCE);
      const results = await look(some.map(({ job }) => job!.id));
      for (const [index, result] of results.entries()) Object.assign(some[index]!, toldBy(result));
    }
  }
}

function toldBy(result: Results[number]): Pick<Followed, "job" | "error" | "code"> {
  if ("error" in result) return said(result.error);
  const { resource: job } = result;
  return { job, ...(job.error ? said(job.error) : {}) };
}

const said = ({ message, code }: { message: string; code?: number | undefined }) => ({
  error: `${message} (${code})`,
  ...(code === undefined ? {} : { code }),
});

const usage = (message: string) => new CliError(message, { exit: EXIT.usage });
