import {
  type BodyOf,
  type Operations,
  type Page,
  parseAppId,
  parseProjectId,
  parseTime,
  parseUuid,
  type QueryOf,
} from "@causeway/contract";
import type { CompiledDocument, Evaluator } from "@causeway/cwl";
import type { AppService } from "../apps/service.ts";
import type { BillingService } from "../billing/service.ts";
import type { Database, Tx } from "../db/database.ts";
import type { TaskFiles } from "../files/task-files.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { AccessibleProject, ProjectAccess } from "../projects/access.ts";
import { permissionsOf } from "../projects/joined.ts";
import type { Permission } from "../projects/permissions.ts";
import { abortTask } from "./aborts.ts";
import { enqueueExpansion } from "./batches.ts";
import { type Batching, batchingOf, type GivenBatching, readBatching } from "./batching.ts";
import { enqueueTask } from "./driver.ts";
import { readSettings } from "./execution-settings.ts";
import { listJobs } from "./job-queries.ts";
import { checkLocation } from "./output-location.ts";
import {
  activeTasksOf,
  deleteTask,
  type FoundTask,
  findTask,
  findTasks,
  insertTask,
  type JobRow,
  listTasks,
  lockTask,
  type TaskFilter,
  type TaskRow,
  updateTask,
} from "./queries.ts";
import { type MoveChange, moveTask } from "./states.ts";
import { prepareSubmission, type Submission } from "./submission.ts";
import type { ExecutionSettings, OutputLocation, PortValues } from "./tables.ts";
import { mergeValues } from "./values.ts";

const ORDERS = {
  created_time: "created_at",
  start_time: "started_at",
  end_time: "ended_at",
  name: "name",
  created_by: "created_by",
} as const;

export type TaskService = ReturnType<typeof createTaskService>;

export interface TaskParts {
  db: Database;
  access: ProjectAccess;
  apps: AppService;
  billing: BillingService;
  files: TaskFiles;
  evaluator: Evaluator;
  /** Children that a batch may have at most. */
  batchAtMost: number;
}

/** What a draft says that decides whether it can be run, as it is given or kept. */
interface Contents {
  appRevisionId: string;
  projectId: string;
  inputs: PortValues;
  batching: Batching | null;
  settings: { readonly [key: string]: unknown } | ExecutionSettings | null;
  location: OutputLocation | null;
}

/** A draft's contents as they are stored, with everything that is wrong with them. */
type Prepared = Submission & { app: CompiledDocument | undefined; settings: ExecutionSettings | null; batching: Batching | null };

export function createTaskService({ db, access, apps, billing, files, evaluator, batchAtMost }: TaskParts) {
  /** @throws ApiError `taskNotFound`, `taskForbidden` */
  async function require(actor: Actor, id: string, permission: Permission): Promise<FoundTask> {
    return permitted(await findTask(db, id, actor.id), permission);
  }

  async function prepare({ appRevisionId, projectId, inputs, batching, settings: given, location }: Contents): Promise<Prepared> {
    const { settings, problems } = await readSettings(given, billing.instanceTypes);
    const app = await apps.compiled(appRevisionId).catch((error: Error) => error);
    if (app instanceof Error) {
      const errors = [{ code: "INVALID_APP", message: `The app cannot be run: ${error1(app)}` }, ...problems];
      const nothing = { values: {}, ids: [] };
      return { app: undefined, values: inputs, errors, warnings: [], engineInputs: nothing, settings, batching };
    }
    const submission = await prepareSubmission(app, inputs, { files, evaluator, projectId, batching, batchAtMost });
    const outputs = app.process.outputs.map(({ id }) => id);
    const errors = [...submission.errors, ...problems, ...checkLocation(location, outputs)];
    return { ...submission, errors, app, settings, batching };
  }

  /** Submits a draft in the caller's transaction: the fact and the work that follows from it. */
  async function submit(
    tx: Tx,
    actor: Actor,
    taskId: string,
    projectGroup: string | null,
    { engineInputs, batching }: Prepared,
    change: MoveChange = {},
  ): Promise<boolean> {
    await billing.requireFunds(projectGroup, tx);
    const submitted = {
      ...change,
      executed_by: actor.username,
      queued_at: new Date(),
      engine_inputs: JSON.stringify(engineInputs),
      errors: "[]",
      warnings: "[]",
    };
    if (!(await moveTask(tx, taskId, batching ? "CREATING" : "QUEUED", submitted))) return false;
    await (batching ? enqueueExpansion(tx, taskId) : enqueueTask(tx, taskId));
    return true;
  }

  return {
    /** @throws ApiError `taskNotFound`, `taskForbidden` */
    get: (actor: Actor, id: string): Promise<FoundTask> => require(actor, id, "read"),

    /**
     * How to get each of these tasks, found with one query: a function that answers like `get`, but for an id in any case
     * that may be none.
     */
    async getMany(actor: Actor, ids: readonly string[]): Promise<(id: string) => FoundTask> {
      const known = ids.map(parseUuid).filter((id) => id !== undefined);
      const found = new Map((await findTasks(db, known, actor.id)).map((task) => [task.id, task]));
      return (id) => {
        if (id.trim() === "") throw new ApiError("taskIdEmpty");
        const uuid = parseUuid(id);
        if (uuid === undefined) throw new ApiError("taskIdInvalid", `${id} is no UUID.`);
        return permitted(found.get(uuid), "read");
      };
    },

    /**
     * Tasks of one project, or of all the actor's; newest first unless asked otherwise.
     *
     * @throws ApiError `projectNotFound`, `projectForbidden`; `taskNotFound`, `taskForbidden` of the parent
     */
    async list(
      actor: Actor,
      query: () => QueryOf<Operations["listProjectTasks"]> & { project?: string },
      page: () => Page,
      named?: { owner: string; project: string },
    ): Promise<Listed<FoundTask>> {
      if (named) await access.require(actor, named, "read");
      const given = query();
      const name = named ?? (given.project === undefined ? undefined : parseProjectId(given.project)!);
      const filter: TaskFilter = {
        userId: actor.id,
        ...(name ? { projectId: (await memberProject(actor, name)).id } : {}),
        ...(given.parent === undefined ? {} : { parentId: (await require(actor, given.parent, "read")).id }),
        ...(given.status === undefined ? {} : { status: given.status as FoundTask["status"] }),
        ...(given.batch === undefined ? {} : { batch: given.batch }),
        between: [
          bounds("created_at", given.created_from, given.created_to),
          bounds("started_at", given.started_from, given.started_to),
          bounds("ended_at", given.ended_from, given.ended_to),
        ],
        orderBy: ORDERS[(given.order_by ?? "created_time") as keyof typeof ORDERS],
        descending: given.order === undefined ? given.order_by === undefined : given.order === "desc",
      };
      // There are no automation runs here, so nothing comes from one.
      if (given.origin_id !== undefined) return { items: [], total: 0 };
      return listTasks(db, filter, page());
    },

    /**
     * Makes a draft; with `run` it is submitted at once, unless its inputs have errors: then it stays a draft that says so.
     *
     * @throws ApiError of the project, the app and `readBatching`; `taskExists`, `taskAppNotCwl`, `batchDisabledWithoutRun`,
     * `billingForbidden`
     */
    async create(
      actor: Actor,
      query: () => QueryOf<Operations["createTask"]>,
      body: () => BodyOf<Operations["createTask"]>,
    ): Promise<FoundTask> {
      const given = body();
      const project = await executableProject(actor, parseProjectId(given.project)!);
      const known = parseUuid(given.id ?? "");
      if (known !== undefined && (await findTask(db, known, actor.id)))
        throw new ApiError("taskExists", "Leave `id` out: the platform gives it. To run a task again, clone it.");
      const revision = await appRevision(actor, given.app);
      const { action, run, batch, use_interruptible_instances: interruptible = given.use_interruptible_instances } = query();
      const isRun = action === "run" || run === true;
      const { main_location } = given;
      const location = mergeLocation(main_location === undefined ? null : { main_location }, given.output_location);
      const prepared = await prepare({
        appRevisionId: revision.id,
        projectId: project.id,
        inputs: given.inputs ?? {},
        batching: batchingForNew({ ...given, batch: batch ?? given.batch }, revision.document, isRun),
        settings: given.execution_settings ?? null,
        location,
      });
      const id = await db.transaction().execute(async (tx) => {
        const taskId = await insertTask(tx, {
          projectId: project.id,
          appRevisionId: revision.id,
          name: given.name ?? `${revision.label} run - ${shortTime(new Date())}`,
          description: given.description ?? null,
          useInterruptible: interruptible ?? null,
          outputLocation: location,
          createdBy: actor.username,
          ...draftOf(prepared),
        });
        if (isRun && prepared.errors.length === 0) await submit(tx, actor, taskId, project.billing_group_id, prepared);
        return taskId;
      });
      return require(actor, id, "read");
    },

    /**
     * Changes a draft; a task that runs or is completed can be renamed. Inputs are merged. Another status than the one
     * the task has is an action: see `moveTo`.
     *
     * @throws ApiError `taskNotFound`, `taskForbidden`, `taskNotDraft`, `badRequest` for another app or project; of `moveTo`
     */
    async update(actor: Actor, id: string, body: () => BodyOf<Operations["updateTask"]>): Promise<FoundTask> {
      const task = await require(actor, id, "execute");
      const { status = task.status, ...given } = body();
      if (status.toUpperCase() !== task.status) return moveTo(actor, task, status.toUpperCase());
      const { name, description, app, project, ...rest } = given;
      const isRename =
        name !== undefined && description === undefined && Object.values(rest).every((value) => (value ?? null) === null);
      const mayRename = task.status === "RUNNING" || task.status === "COMPLETED";
      if (task.status !== "DRAFT" && !(isRename && mayRename)) throw new ApiError("taskNotDraft");
      if (app !== undefined && app !== task.app) throw new ApiError("badRequest", "`app` cannot be changed: make a new task.");
      if (project !== undefined && project !== task.project)
        throw new ApiError("badRequest", "`project` cannot be changed: make a new task.");
      if (task.status !== "DRAFT") await updateTask(db, id, { name: name! });
      else await changeDraft(task, given);
      return require(actor, id, "read");
    },

    /**
     * Merges values into a draft's inputs.
     *
     * @throws ApiError `taskNotFound`, `taskForbidden`, `taskNotDraft`, `taskInputsMissing`
     */
    async updateInputs(actor: Actor, id: string, body: () => PortValues): Promise<FoundTask> {
      const task = await require(actor, id, "execute");
      if (task.status !== "DRAFT") throw new ApiError("taskNotDraft");
      const inputs = body();
      if (Object.keys(inputs).length === 0) throw new ApiError("taskInputsMissing");
      await changeDraft(task, { inputs });
      return require(actor, id, "read");
    },

    /** Deletes a draft. @throws ApiError `taskNotFound`, `taskForbidden`, `taskNotDraft` */
    async delete(actor: Actor, id: string): Promise<void> {
      await require(actor, id, "execute");
      await db.transaction().execute(async (tx) => {
        const task = await lockTask(tx, id);
        if (!task) throw new ApiError("taskNotFound");
        if (task.status !== "DRAFT") throw new ApiError("taskNotDraft");
        await deleteTask(tx, id);
      });
    },

    /**
     * Submits a draft. Of two who run it at once, one does.
     *
     * @throws ApiError `taskNotFound`, `taskForbidden`, `taskRunNotDraft`, `taskNotBatch`, `taskValidationErrors`,
     * `billingForbidden`
     */
    async run(actor: Actor, id: string, query: () => QueryOf<Operations["runTask"]>): Promise<FoundTask> {
      const task = await require(actor, id, "execute");
      if (task.status !== "DRAFT") throw new ApiError("taskRunNotDraft");
      const { batch, use_interruptible_instances: interruptible } = query();
      if (batch === false && task.batch_by === null) throw new ApiError("taskNotBatch");
      const isDisabled = batch === false;
      const prepared = await prepare({ ...contentsOf(task), ...(isDisabled ? { batching: null } : {}) });
      const { errors } = prepared;
      if (errors.length > 0) throw new ApiError("taskValidationErrors", errors.map(({ message }) => message).join(" "));
      const project = await access.require(actor, { id: task.project_id }, "execute");
      const change = {
        ...(interruptible === undefined ? {} : { use_interruptible_instances: interruptible }),
        ...(isDisabled ? { batch_input: null, batch_by: null, inputs: JSON.stringify(prepared.values) } : {}),
      };
      const submitted = await db.transaction().execute((tx) => submit(tx, actor, id, project.billing_group_id, prepared, change));
      if (!submitted) throw new ApiError("taskRunNotDraft");
      return require(actor, id, "read");
    },

    /** Aborts a task that waits or runs. @throws ApiError `taskNotFound`, `taskForbidden`, `taskAbortNotActive` */
    abort,

    /**
     * A new draft like the task, in any state; with `run` it is submitted at once, as by `create`.
     *
     * @throws ApiError `taskNotFound`, `taskForbidden`, `billingForbidden`
     */
    async clone(actor: Actor, id: string, query: () => QueryOf<Operations["cloneTask"]>): Promise<FoundTask> {
      const task = await require(actor, id, "execute");
      const { action } = query();
      const prepared = await prepare(contentsOf(task));
      const project = await access.require(actor, { id: task.project_id }, "execute");
      const cloned = await db.transaction().execute(async (tx) => {
        const taskId = await insertTask(tx, {
          projectId: task.project_id,
          appRevisionId: task.app_revision_id,
          name: task.name,
          description: task.description,
          useInterruptible: task.use_interruptible_instances,
          outputLocation: task.output_location,
          createdBy: actor.username,
          ...draftOf(prepared),
        });
        if (action === "run" && prepared.errors.length === 0) await submit(tx, actor, taskId, project.billing_group_id, prepared);
        return taskId;
      });
      return require(actor, cloned, "read");
    },

    /** The jobs of a task, by start. @throws ApiError `taskNotFound`, `taskForbidden` */
    async jobs(actor: Actor, id: string): Promise<{ task: FoundTask; jobs: JobRow[] }> {
      const task = await require(actor, id, "read");
      return { task, jobs: await listJobs(db, id) };
    },

    /** Ends what runs in a project that is being deleted. */
    async projectDeleted(tx: Tx, project: { id: string }): Promise<void> {
      for (const id of await activeTasksOf(tx, project.id)) await abortTask(tx, id);
    },
  };

  async function abort(actor: Actor, id: string): Promise<FoundTask> {
    await require(actor, id, "execute");
    if (!(await db.transaction().execute((tx) => abortTask(tx, id)))) throw new ApiError("taskAbortNotActive");
    return require(actor, id, "read");
  }

  /**
   * What a changed status asks for: only aborting a running task can be asked for in this way.
   *
   * @throws ApiError `taskNotRunning`, `taskNotDraftOrRunning` of a task that waits or has ended, `taskActionInvalid`;
   * `taskAbortNotActive` when it has ended meanwhile
   */
  async function moveTo(actor: Actor, task: FoundTask, status: string): Promise<FoundTask> {
    const isAbort = status === "ABORTED" || status === "ABORTING";
    if (isAbort && task.status === "RUNNING") return abort(actor, task.id);
    if (isAbort) throw new ApiError("taskNotRunning", "A waiting task is aborted by `actions/abort`.");
    if (task.status !== "DRAFT" && task.status !== "RUNNING") throw new ApiError("taskNotDraftOrRunning");
    throw new ApiError("taskActionInvalid", "The status follows from what is done: a draft is run by `actions/run`.");
  }

  async function memberProject(actor: Actor, name: { owner: string; project: string }): Promise<AccessibleProject> {
    return access.require(actor, name, "read");
  }

  async function executableProject(actor: Actor, name: { owner: string; project: string }): Promise<AccessibleProject> {
    const project = await access.require(actor, name, "read");
    if (!project.permissions.execute) throw new ApiError("taskForbidden");
    return project;
  }

  async function appRevision(actor: Actor, text: string) {
    const id = parseAppId(text);
    if ("refused" in id) throw new ApiError("taskAppInvalid", `${text} is no app id.`);
    const { app } = await apps.get(actor, id);
    if (!apps.isCwl(app)) throw new ApiError("taskAppNotCwl");
    return app;
  }

  async function changeDraft(task: FoundTask, given: Partial<BodyOf<Operations["updateTask"]>>): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const locked = await lockTask(tx, task.id);
      if (!locked) throw new ApiError("taskNotFound");
      if (locked.status !== "DRAFT") throw new ApiError("taskNotDraft");
      const inputs = given.inputs === undefined ? locked.inputs : mergeValues(locked.inputs, given.inputs as PortValues);
      const ofApp = given.batch === true ? batchingOf((await apps.revision(locked.app_revision_id)).document) : undefined;
      const kept = batchingOfTask(locked);
      const batching = given.batch === false ? null : readBatching(given, kept ?? ofApp);
      const settings =
        given.execution_settings && locked.execution_settings
          ? { ...locked.execution_settings, ...given.execution_settings }
          : given.execution_settings;
      const location = mergeLocation(locked.output_location, given.output_location);
      const prepared = await prepare({
        ...contentsOf(locked),
        inputs,
        batching: batching === undefined ? kept : batching,
        settings: settings === undefined ? locked.execution_settings : settings,
        location,
      });
      const { inputs: values, executionSettings, errors, warnings, batchInput, batchBy } = draftOf(prepared);
      await updateTask(tx, task.id, {
        ...(given.name === undefined ? {} : { name: given.name }),
        ...(given.description === undefined ? {} : { description: given.description }),
        inputs: values,
        executionSettings,
        ...(given.use_interruptible_instances === undefined ? {} : { useInterruptible: given.use_interruptible_instances }),
        outputLocation: location,
        errors,
        warnings,
        batchInput,
        batchBy,
      });
    });
  }
}

/** @throws ApiError `taskNotFound`, `taskForbidden` */
function permitted(task: FoundTask | undefined, permission: Permission): FoundTask {
  if (!task) throw new ApiError("taskNotFound");
  // A public project shows its files and apps to everybody, but its tasks to members only.
  if (!task.member || !permissionsOf(task)[permission]) throw new ApiError("taskForbidden");
  return task;
}

/** The batching of a new task; a batch can be disabled only for the run that it is made for (tasks.md §3.2). */
function batchingForNew(given: GivenBatching, document: { readonly [key: string]: unknown }, isRun: boolean): Batching | null {
  const batching = readBatching(given, batchingOf(document)) ?? null;
  if (given.batch !== false || batching === null) return batching;
  if (!isRun) throw new ApiError("batchDisabledWithoutRun");
  return null;
}

const batchingOfTask = ({ batch_input, batch_by }: TaskRow): Batching | null =>
  batch_input !== null && batch_by !== null ? { input: batch_input, by: batch_by } : null;

const contentsOf = (task: TaskRow): Contents => ({
  appRevisionId: task.app_revision_id,
  projectId: task.project_id,
  inputs: task.inputs,
  batching: batchingOfTask(task),
  settings: task.execution_settings,
  location: task.output_location,
});

/** What of a draft follows from its contents. */
const draftOf = ({ values, app, settings, errors, warnings, batching }: Prepared) => ({
  inputs: values,
  outputs: emptyOutputs(app),
  executionSettings: settings,
  errors,
  warnings,
  stepsTotal: stepsOf(app),
  batchInput: batching?.input ?? null,
  batchBy: batching?.by ?? null,
});

const error1 = (error: Error): string => error.message.split("\n")[0]!;

const bounds = (column: "created_at" | "started_at" | "ended_at", from: string | undefined, to: string | undefined) => ({
  column,
  ...(from === undefined ? {} : { from: parseTime(from)! }),
  ...(to === undefined ? {} : { to: parseTime(to)! }),
});

/** `04-02-31 09:15:20`: how a task without a name is named after its time, in UTC. */
function shortTime(now: Date): string {
  const [year, month, day] = now.toISOString().slice(2, 10).split("-");
  return `${month}-${day}-${year} ${now.toISOString().slice(11, 19)}`;
}

const emptyOutputs = (app: CompiledDocument | undefined): PortValues =>
  Object.fromEntries((app?.process.outputs ?? []).map(({ id }) => [id, null]));

const stepsOf = (app: CompiledDocument | undefined): number =>
  app?.process.class === "Workflow" ? Math.max(1, app.process.steps.length) : 1;

/** Keys that are given replace those that are there; null clears the whole, undefined changes nothing. */
function mergeLocation(current: OutputLocation | null, change: object | null | undefined): OutputLocation | null {
  if (change === null) return null;
  const given = Object.entries({ ...current, ...change }).filter(([, value]) => value !== null && value !== undefined);
  return given.length > 0 ? (Object.fromEntries(given) as OutputLocation) : null;
}
