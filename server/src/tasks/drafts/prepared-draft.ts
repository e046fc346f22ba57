import { type CompiledDocument, DocumentError, type Evaluator } from "@causeway/cwl";
import type { AppService } from "../../apps/service.ts";
import type { BillingService } from "../../billing/service.ts";
import type { Actor } from "../../http/actor.ts";
import { ApiError } from "../../http/errors.ts";
import { type Batching, batchingOf, type GivenBatching, readBatching, type SuggestedBatching } from "../batches/batching.ts";
import { checkLocation } from "../files/output-location.ts";
import type { TaskFiles } from "../files/task-files.ts";
import type { TaskRow } from "../queries.ts";
import type { ExecutionSettings, OutputLocation, PortValues } from "../tables.ts";
import { readSettings } from "./execution-settings.ts";
import { prepareSubmission, type Submission } from "./submission.ts";

/** What a draft says that decides whether it can be run, as it is given or kept. */
export interface Contents {
  appRevisionId: string;
  projectId: string;
  inputs: PortValues;
  batching: Batching | null;
  settings: { readonly [key: string]: unknown } | ExecutionSettings | null;
  location: OutputLocation | null;
}

/** A draft's contents as they are stored, with everything that is wrong with them. */
export type Prepared = Submission & {
  app: CompiledDocument | undefined;
  settings: ExecutionSettings | null;
  batching: Batching | null;
};

export interface DraftDeps {
  apps: AppService;
  billing: BillingService;
  files: TaskFiles;
  evaluator: Evaluator;
  /** Children that a batch may have at most. */
  batchAtMost: number;
  /** Values that a draft's inputs may have at most. */
  valuesAtMost: number;
}

/**
 * Reads what a draft says, with everything that is wrong with it: evaluated anew at every change and when it is run, for
 * whoever changes or runs it.
 */
export async function prepareDraft(
  actor: Pick<Actor, "id" | "username">,
  { apps, billing, files, evaluator, batchAtMost, valuesAtMost }: DraftDeps,
  { appRevisionId, projectId, inputs, batching, settings: given, location }: Contents,
): Promise<Prepared> {
  const { settings, problems } = await readSettings(given, billing.instanceTypes);
  const app = await apps.compiled(appRevisionId, { user: actor.username }).catch(brokenDocument);
  if (app instanceof DocumentError) {
    const errors = [{ code: "INVALID_APP", message: `The app cannot be run: ${error1(app)}` }, ...problems];
    const nothing = { values: {}, ids: [] };
    return { app: undefined, values: inputs, errors, warnings: [], engineInputs: nothing, settings, batching };
  }
  const submission = await prepareSubmission(app, inputs, {
    files,
    actor,
    evaluator,
    projectId,
    batching,
    batchAtMost,
    valuesAtMost,
  });
  const outputs = app.process.outputs.map(({ id }) => id);
  const errors = [...submission.errors, ...problems, ...checkLocation(location, outputs)];
  return { ...submission, errors, app, settings, batching };
}

/** What a task says as it is kept. */
export const contentsOf = (task: TaskRow): Contents => ({
  appRevisionId: task.app_revision_id,
  projectId: task.project_id,
  inputs: task.inputs,
  batching: batchingOfTask(task),
  settings: task.execution_settings,
  location: task.output_location,
});

/** What of a draft follows from its contents. */
export const draftOf = ({ values, app, settings, errors, warnings, batching }: Prepared) => ({
  inputs: values,
  outputs: emptyOutputs(app),
  executionSettings: settings,
  errors,
  warnings,
  stepsTotal: stepsOf(app),
  batchInput: batching?.input ?? null,
  batchBy: batching?.by ?? null,
});

/** The batching of a new task; a batch can be disabled only for the run that it is made for (tasks.md §3.2). */
export function batchingForNew(given: GivenBatching, app: SuggestedBatching, isRun: boolean): Batching | null {
  const batching = readBatching(given, batchingOf(app)) ?? null;
  if (given.batch !== false || batching === null) return batching;
  if (!isRun) throw new ApiError("batchDisabledWithoutRun");
  return null;
}

export const batchingOfTask = ({ batch_input, batch_by }: TaskRow): Batching | null =>
  batch_input !== null && batch_by !== null ? { input: batch_input, by: batch_by } : null;

/** Keys that are given replace those that are there; null clears the whole, undefined changes nothing. */
export function mergeLocation(current: OutputLocation | null, change: object | null | undefined): OutputLocation | null {
  if (change === null) return null;
  const given = Object.entries({ ...current, ...change }).filter(([, value]) => value !== null && value !== undefined);
  return given.length > 0 ? (Object.fromEntries(given) as OutputLocation) : null;
}

const emptyOutputs = (app: CompiledDocument | undefined): PortValues =>
  Object.fromEntries((app?.process.outputs ?? []).map(({ id }) => [id, null]));

const stepsOf = (app: CompiledDocument | undefined): number =>
  app?.process.class === "Workflow" ? Math.max(1, app.process.steps.length) : 1;

/** A document that cannot be run is the draft's problem; anything else is ours. */
function brokenDocument(error: unknown): DocumentError {
  if (error instanceof DocumentError) return error;
  throw error;
}

const error1 = (error: Error): string => error.message.split("\n")[0]!;
