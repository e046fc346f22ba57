import type { CompiledDocument, Evaluator, InputPort } from "@causeway/cwl";
import type { ActorId } from "../../http/actor.ts";
import type { Batching } from "../batches/batching.ts";
import { checkBatch } from "../batches/groups.ts";
import type { MentionedFile, TaskFiles } from "../files/task-files.ts";
import type { Problems } from "../problems.ts";
import type { EngineInputs, PortValues, TaskProblem } from "../tables.ts";
import { type FileReference, readValues } from "../values.ts";
import { engineValues } from "./engine-values.ts";

/** A task's values as they are stored, what keeps it from running, and what the engine would get. */
export interface Submission {
  values: PortValues;
  errors: TaskProblem[];
  warnings: TaskProblem[];
  /** Only of use without errors. */
  engineInputs: EngineInputs;
}

export interface SubmissionContext {
  files: TaskFiles;
  /** Who says what is in the draft: what they may not read is as if it were not there. */
  actor: ActorId;
  evaluator: Evaluator;
  projectId: string;
  /** Null for a task that is no batch. */
  batching: Batching | null;
  /** Children that a batch may have at most. */
  batchAtMost: number;
  /** Values that the inputs may have at most. */
  valuesAtMost: number;
}

/**
 * Reads the values given for an app's inputs and finds everything they mention: the task's errors and warnings
 * (tasks.md §4.3), evaluated anew whenever a draft changes and when it is run.
 */
export async function prepareSubmission(
  app: CompiledDocument,
  given: PortValues,
  context: SubmissionContext,
): Promise<Submission> {
  const ports = app.process.inputs;
  const { batching, valuesAtMost } = context;
  const { values, mentions, errors, warnings } = readValues(ports, given, { valuesAtMost, batchInput: batching?.input });
  const ids = mentions.map(({ entry }) => entry.path);
  const found = await context.files.find(context.actor, ids);
  for (const mention of mentions) check(mention, found.get(mention.entry.path), context.projectId, errors);
  // Members of the task's project see what comes of the values: of other projects nothing goes into it.
  const usable = new Map([...found].filter(([, file]) => isUsable(file, context.projectId)));
  const engineInputs = await engineValues(app, values, usable, errors, context);
  warnOfTypes(ports, mentions, warnings);
  // What the groups of a broken list would be is nobody's question.
  const checked = batching && !errors.has(batching.input);
  const batch = checked ? checkBatch(ports, batching, engineInputs.values, context.batchAtMost) : NO_BATCH;
  return {
    values,
    errors: [...errors.told(), ...batch.errors],
    warnings: [...warnings.told(), ...batch.warnings],
    engineInputs,
  };
}

const NO_BATCH = { errors: [], warnings: [] };

function check(
  { entry, port, place }: FileReference,
  file: MentionedFile | undefined,
  projectId: string,
  errors: Problems,
): void {
  const refuse = (code: string, what: () => string) => errors.add(code, port, place, () => `'${place}': ${what()}`);
  if (!file) {
    refuse("FILE_NOT_FOUND", () => `there is no file ${entry.path}.`);
    return;
  }
  if (!isUsable(file, projectId)) {
    refuse("FILE_NOT_ACCESSIBLE", () => `${entry.path} is in another project: copy it to the task's project first.`);
    return;
  }
  if (file.isVolumeActive === false) {
    refuse("FILE_VOLUME_INACTIVE", () => `${file.name} lies on a volume that is not active.`);
    return;
  }
  entry.name = file.name;
  if ((file.type === "folder") !== (entry.class === "Directory")) {
    const needed = entry.class === "File" ? "file" : "folder";
    refuse("FILE_KIND", () => `${file.name} is a ${file.type}, and a ${needed} is needed.`);
  }
}

/** Files of the task's project can be its inputs, and public ones. */
const isUsable = (file: MentionedFile, projectId: string): boolean => file.projectId === projectId || file.isPublic;

/** The extensions that a port names are hints for people. */
function warnOfTypes(ports: readonly InputPort[], mentions: readonly FileReference[], warnings: Problems): void {
  const wanted = new Map<string, { types: string; endings: string[] }>();
  for (const { id, extensions } of ports) {
    const types = extensions?.["sbg:fileTypes"];
    if (typeof types !== "string") continue;
    wanted.set(id, { types, endings: types.split(",").map((type) => `.${type.trim().toLowerCase()}`) });
  }
  for (const { entry, port, place } of mentions) {
    const hint = wanted.get(port);
    if (!hint || entry.class !== "File" || entry.name === undefined) continue;
    const name = entry.name.toLowerCase();
    if (hint.endings.some((ending) => name.endsWith(ending))) continue;
    warnings.add("FORMAT", port, place, () => `'${place}': ${entry.name} is none of ${hint.types}.`);
  }
}
