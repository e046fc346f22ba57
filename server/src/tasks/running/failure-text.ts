import { RunError } from "@causeway/cwl";
import type { BlobMissing } from "@causeway/storage";
import { ObjectUnavailable } from "../../aliases/object-copies.ts";
import { parseObjectKey } from "../../aliases/object-key.ts";
import { DAMAGE_WORDS, DamagedBytes } from "../../scrub/damage.ts";
import type { TaskRow } from "../queries.ts";

/**
 * What went wrong with a task as its user can read it: input files by their names (and ids, where two have one name), what
 * jobs made by where it lies among the task's jobs. Where the platform keeps bytes is nobody else's business.
 */
export async function failureText(
  message: string,
  { engine_inputs }: Pick<TaskRow, "engine_inputs">,
  files: { pathOf(key: string): Promise<string | undefined> },
  directory: string,
): Promise<string> {
  let text = message.replaceAll(`file://${directory}/`, "").replaceAll(`${directory}/`, "");
  const ids = engine_inputs?.ids ?? [];
  for (const { blob, name, id } of ids) {
    // The path of a blob ends with its key: most messages name none.
    if (!parseObjectKey(blob) && !text.includes(blob)) continue;
    const path = await files.pathOf(blob);
    if (path === undefined) continue;
    const isShared = ids.some((other) => other.name === name && other.id !== id);
    text = text.replaceAll(path, isShared ? `${name} (file ${id})` : name);
  }
  return text;
}

/** Why a task cannot go on whose bytes are gone or damaged, in words of its user. */
export function damagedInput(task: Pick<TaskRow, "engine_inputs">, missing: BlobMissing): Error {
  const name = task.engine_inputs?.ids.find(({ blob }) => blob === missing.key)?.name;
  const what = name === undefined ? "A file that an earlier job of the task made" : `The input file ${name}`;
  if (missing instanceof ObjectUnavailable) return new RunError("", `${what} cannot be read from ${missing.reason}`);
  const damage = missing instanceof DamagedBytes ? missing.damage : "missing";
  const advice =
    name === undefined ? "Run the task again." : "Upload it again, or ask the operator to bring it back from a backup.";
  return new RunError("", `${what} is damaged: its bytes ${DAMAGE_WORDS[damage]}. ${advice}`);
}
