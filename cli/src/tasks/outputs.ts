import { resolve } from "node:path";
import type { Session } from "../connection/session.ts";
import { printable, record } from "../output/output.ts";
import { type Downloaded, downloadTo } from "../transfers/download-command.ts";
import { failedFiles } from "../transfers/failed-files.ts";
import { whyNothing } from "./describe.ts";

/** A file or folder in a task's values. */
interface Entry {
  class: "File" | "Directory";
  path: string;
  name: string;
  secondaryFiles?: Entry[];
}

/** Shows a task's outputs; with `directory` their files are downloaded there. */
export async function showOutputs(
  session: Session,
  task: string,
  { directory, overwrite }: { directory: string | undefined; overwrite: boolean },
): Promise<void> {
  const found = await session.client.getTask({ task });
  const { outputs } = found;
  if (Object.values(outputs).every((value) => value === null)) session.output.note(whyNothing(found, "outputs"));
  if (directory === undefined) {
    session.output.show(outputs, () =>
      record(Object.fromEntries(Object.entries(outputs).map(([port, value]) => [port, shown(value)]))),
    );
    return;
  }
  const files = await downloadOutputs(session, outputs, resolve(directory), overwrite);
  session.output.show(files, () => files.map(({ path }) => path).join("\n"));
}

/** Downloads every file that the values name, with its companions, into one directory. */
export async function downloadOutputs(
  session: Session,
  outputs: unknown,
  directory: string,
  overwrite: boolean,
): Promise<Downloaded[]> {
  const failed = failedFiles();
  const done: Downloaded[] = [];
  let total = 0;
  for (const entry of entriesOf(outputs)) {
    const { files, count } = await downloadTo(session, entry.path, directory, { overwrite }, failed);
    done.push(...files);
    total += count;
  }
  failed.tell(total, "downloaded");
  return done;
}

function entriesOf(value: unknown): Entry[] {
  if (Array.isArray(value)) return value.flatMap(entriesOf);
  if (typeof value !== "object" || value === null) return [];
  return isEntry(value) ? [value, ...entriesOf(value.secondaryFiles)] : Object.values(value).flatMap(entriesOf);
}

const isEntry = (value: object): value is Entry => "class" in value && (value.class === "File" || value.class === "Directory");

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value === "object" && value !== null && isEntry(value)) return `${printable(value.name)} (${value.path})`;
  return value;
}
