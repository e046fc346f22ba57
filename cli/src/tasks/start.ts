import { parseUuid } from "@causeway/contract/client";
import { appOf } from "../apps/found.ts";
import { portsOf } from "../apps/ports.ts";
import type { Session } from "../connection/session.ts";
import { CliError, EXIT } from "../exit.ts";
import { printable } from "../output/output.ts";
import { describeTask } from "./describe.ts";
import { cannotRun, runNew } from "./draft.ts";
import { type BatchBy, type BatchGroup, describeGroups, groupsOf, readBy } from "./groups.ts";
import { type HowOptions, howToRun } from "./how.ts";
import { type GivenInputs, missingInputs, readInputs } from "./inputs.ts";
import { exitOf, type Task, waitForTask } from "./wait.ts";

interface GivenOptions extends HowOptions {
  readonly project?: string;
  readonly name?: string;
  readonly input?: readonly string[];
  readonly inputs?: string;
}

interface StartOptions extends GivenOptions {
  readonly run: boolean;
  readonly wait?: boolean;
}

interface BatchOptions extends GivenOptions {
  readonly by?: readonly string[];
  readonly on?: string;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
}

/** `causeway task create|run`: makes a draft of an app, and runs it if asked; a draft's id runs that one. */
export async function startTask(session: Session, subject: string, options: StartOptions): Promise<void> {
  const { client, output } = session;
  const draft = parseUuid(subject);
  if (draft !== undefined) return show(session, await runDraft(session, draft, options), options.wait);
  const app = await appOf(client, subject);
  const { values: inputs, problems } = await givenTo(session, app, options);
  const body = { ...bodyOf(app, options), inputs };
  if (!options.run) {
    const made = await client.createTask({ body });
    return output.show(made, () => made.id);
  }
  refuseMissing(missingInputs(portsOf(app.process.inputs), inputs));
  await show(session, await runNew(session, { body }, problems), options.wait);
}

/** `causeway task batch`: a task for every value of an input, or for every group of files of equal metadata. */
export async function startBatch(session: Session, subject: string, options: BatchOptions): Promise<void> {
  const { client, output } = session;
  const app = await appOf(client, subject);
  const { input, by } = batchingOf(app.process, options);
  const { values: inputs, problems } = await givenTo(session, app, { ...options, batched: input });
  const values = inputs[input];
  if (!Array.isArray(values) || values.length === 0)
    throw new CliError(`${input} needs a list of values to make tasks of.`, {
      exit: EXIT.usage,
      advice: `Repeat -i ${input}=…, or name a list of them in --inputs.`,
    });
  refuseMissing(missingInputs(portsOf(app.process.inputs), inputs));
  const groups = await groupsOf(client, values, by);
  if (options.dryRun) return output.show(previewOf(input, by, groups), () => describeGroups(groups, Infinity));
  output.note(`${groups.length} ${groups.length === 1 ? "task" : "tasks"}:\n${describeGroups(groups)}`);
  const body = { ...bodyOf(app, options), inputs, batch_input: input, batch_by: by };
  await show(session, await runNew(session, { body }, problems), options.wait);
}

const previewOf = (input: string, by: BatchBy, groups: readonly BatchGroup[]) => ({ batch_input: input, batch_by: by, groups });

/** Runs a draft that is there; what is given besides goes into it first. */
async function runDraft(session: Session, id: string, options: StartOptions): Promise<Task> {
  const { client } = session;
  const { project, name } = options;
  if (project !== undefined) throw new CliError("A draft stays in its project: leave out --project.", { exit: EXIT.usage });
  const app = await appOf(client, (await client.getTask({ task: id })).app);
  const { values: inputs } = await givenTo(session, app, options);
  const how = howToRun(options, portsOf(app.process.outputs).map(idOf));
  const change = { ...how, ...(name === undefined ? {} : { name }), ...(Object.keys(inputs).length === 0 ? {} : { inputs }) };
  if (Object.keys(change).length > 0) await client.updateTask({ task: id, body: change });
  return client.runTask({ task: id });
}

async function givenTo({ client, output }: Session, app: App, options: Parameters<typeof readInputs>[2]): Promise<GivenInputs> {
  const given = await readInputs(client, app, options);
  for (const warning of given.warnings) output.note(warning);
  return given;
}

const idOf = ({ id }: { id: string }) => id;

type App = Awaited<ReturnType<typeof appOf>>;

const bodyOf = (app: App, { project, name, ...how }: GivenOptions) => ({
  project: project ?? app.project,
  app: app.id,
  ...(name === undefined ? {} : { name }),
  ...howToRun(how, portsOf(app.process.outputs).map(idOf)),
});

function refuseMissing(missing: readonly { input: string; message: string }[]): void {
  if (missing.length > 0) throw cannotRun(missing);
}

/**
 * Which input is batched, and how: as the command line says, else as the app's author suggests (`sbg:batchInput`,
 * `sbg:batchBy`); the input may be left out where the command line gives one alone several values.
 *
 * @throws CliError
 */
function batchingOf(document: App["process"], { by, on, input = [] }: BatchOptions): { input: string; by: BatchBy } {
  const suggested = document["sbg:batchBy"] as { type?: unknown; criteria?: unknown } | undefined;
  const criteria = [suggested?.criteria ?? []].flat().filter((each) => typeof each === "string");
  const ofApp = suggested === undefined ? [] : criteria.length > 0 ? criteria : ["item"];
  const words = by ?? ofApp;
  if (words.length === 0)
    throw new CliError("Say how the tasks are made: --by item, or --by metadata.sample_id.", { exit: EXIT.usage });
  const named = on ?? severalGiven(input) ?? suggestedInput(document["sbg:batchInput"]);
  const ids = portsOf(document.inputs).map(idOf);
  if (named !== undefined && ids.includes(named)) return { input: named, by: readBy(words) };
  throw new CliError(
    named === undefined ? "Say with --on of which input the tasks are made." : `The app has no input ${printable(named)}.`,
    { exit: EXIT.usage, advice: `Its inputs: ${ids.join(", ")}.` },
  );
}

/** The only input that the command line names more than once, or at all. */
function severalGiven(input: readonly string[]): string | undefined {
  const names = input.map((text) => text.slice(0, Math.max(0, text.indexOf("="))));
  const repeated = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  const candidates = repeated.size > 0 ? repeated : new Set(names);
  return candidates.size === 1 ? [...candidates][0] : undefined;
}

const suggestedInput = (name: unknown): string | undefined => (typeof name === "string" ? name.replace(/^#/, "") : undefined);

async function show(session: Session, started: Task, wait: boolean | undefined): Promise<void> {
  const { output } = session;
  if (!wait) return output.show(started, () => started.id);
  output.note(`${started.id} ${printable(started.name)}`);
  const ended = await waitForTask(session, started.id);
  output.show(ended, () => describeTask(ended));
  process.exitCode = exitOf(ended);
}
