import type { CompiledDocument, Evaluator, InputPort } from "@causeway/cwl";
import type { MentionedFile, TaskFiles } from "../../files/task-files.ts";
import type { ActorId } from "../../http/actor.ts";
import type { Batching } from "../batches/batching.ts";
import { checkBatch } from "../batches/groups.ts";
import type { EngineInputs, PortValues, TaskProblem } from "../tables.ts";
import { type Mention, readValues } from "../values.ts";
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
  const { values, mentions, errors, warnings } = readValues(ports, given, context.batching?.input);
  const ids = mentions.map(({ entry }) => entry.path);
  const found = await context.files.find(context.actor, ids);
  for (const mention of mentions) check(mention, found.get(mention.entry.path), context.projectId, errors);
  // Members of the task's project see what comes of the values: of other projects nothing goes into it.
  const usable = new Map([...found].filter(([, file]) => isUsable(file, context.projectId)));
  const engine = await engineValues(app, values, usable, context);
  const { engineInputs } = engine;
  errors.push(...engine.errors);
  for (const port of ports) warnings.push(...odd(port, mentions));
  const { batching } = context;
  // What the groups of a broken list would be is nobody's question.
  if (batching && !errors.some(({ input }) => input !== undefined && placeIsOf(batching.input, input))) {
    const checked = checkBatch(ports, batching, engineInputs.values, context.batchAtMost);
    errors.push(...checked.errors);
    warnings.push(...checked.warnings);
  }
  return { values, errors: told(errors), warnings: told(warnings), engineInputs };
}

/** More than that nobody reads, and a list of inputs may hold a mistake in every element. */
const PROBLEMS_AT_MOST = 1000;

function told(problems: TaskProblem[]): TaskProblem[] {
  if (problems.length <= PROBLEMS_AT_MOST) return problems;
  const first = problems.slice(0, PROBLEMS_AT_MOST);
  return [...first, { ...first.at(-1)!, message: `${problems.length - PROBLEMS_AT_MOST} more problems are not listed.` }];
}

function check({ entry, place }: Mention, file: MentionedFile | undefined, projectId: string, errors: TaskProblem[]): void {
  if (!file) {
    errors.push({ code: "FILE_NOT_FOUND", input: place, message: `'${place}': there is no file ${entry.path}.` });
    return;
  }
  if (!isUsable(file, projectId)) {
    const message = `'${place}': ${entry.path} is in another project: copy it to the task's project first.`;
    errors.push({ code: "FILE_NOT_ACCESSIBLE", input: place, message });
    return;
  }
  entry.name = file.name;
  if ((file.type === "folder") !== (entry.class === "Directory")) {
    const message = `'${place}': ${file.name} is a ${file.type}, and a ${entry.class === "File" ? "file" : "folder"} is needed.`;
    errors.push({ code: "FILE_KIND", input: place, message });
  }
}

/** Files of the task's project can be its inputs, and public ones. */
const isUsable = (file: MentionedFile, projectId: string): boolean => file.projectId === projectId || file.isPublic;

/** The extensions that a port names are hints for people. */
function odd(port: InputPort, mentions: readonly Mention[]): TaskProblem[] {
  const types = port.extensions?.["sbg:fileTypes"];
  if (typeof types !== "string") return [];
  const endings = types.split(",").map((type) => `.${type.trim().toLowerCase()}`);
  return mentions
    .filter(({ entry, place }) => placeIsOf(port.id, place) && entry.class === "File" && entry.name !== undefined)
    .filter(({ entry }) => !endings.some((ending) => entry.name!.toLowerCase().endsWith(ending)))
    .map(({ entry, place }) => ({ code: "FORMAT", input: place, message: `'${place}': ${entry.name} is none of ${types}.` }));
}

const placeIsOf = (port: string, place: string) => place === port || place.startsWith(`${port}[`) || place.startsWith(`${port}.`);
