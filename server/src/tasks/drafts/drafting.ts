import { type BodyOf, type Operations, parseAppId, parseProjectId, parseUuid, type QueryOf } from "@causeway/contract";
import type { Database } from "../../db/database.ts";
import type { Actor } from "../../http/actor.ts";
import type { CheckedBody } from "../../http/calls.ts";
import { ApiError } from "../../http/errors.ts";
import type { AccessibleProject, ProjectAccess } from "../../projects/access.ts";
import { batchingOf, readBatching } from "../batches/batching.ts";
import { type Draft, deleteTask, type FoundTask, insertTask, lockTask, updateTask } from "../queries.ts";
import type { PortValues } from "../tables.ts";
import type { TaskReading } from "../task-reading.ts";
import { mergeValues } from "../values.ts";
import {
  batchingForNew,
  batchingOfTask,
  contentsOf,
  type DraftDeps,
  draftOf,
  mergeLocation,
  type Prepared,
  prepareDraft,
} from "./prepared-draft.ts";
import { submitDraft } from "./submitting.ts";

export interface DraftingDeps extends DraftDeps {
  db: Database;
  access: ProjectAccess;
  reading: TaskReading;
  /** What a changed status asks for: of a task that is no draft any more it is an action. */
  moveTo(actor: Actor, task: FoundTask, status: string): Promise<FoundTask>;
}

/** How drafts are made, changed, cloned and deleted. */
export function createTaskDrafting(deps: DraftingDeps) {
  const { db, access, apps, billing, reading, moveTo } = deps;

  return {
    /**
     * Makes a draft; with `run` it is submitted at once, unless its inputs have errors: then it stays a draft that says so.
     *
     * @throws ApiError of the project, the app and `readBatching`; `taskExists`, `taskAppNotCwl`, `batchDisabledWithoutRun`,
     * `billingForbidden`
     */
    async create(
      actor: Actor,
      query: () => QueryOf<Operations["createTask"]>,
      body: CheckedBody<Operations["createTask"]>,
    ): Promise<FoundTask> {
      // The order of these checks is documented (tasks.md §8).
      const project = await executableProject(actor, parseProjectId(body.part("project").project)!);
      const revision = await appRevision(actor, body.part("app").app);
      const asked = body.part("batch", "batch_input", "batch_by");
      const { action, run, batch = asked.batch, use_interruptible_instances } = query();
      const isRun = action === "run" || run === true;
      const batching = batchingForNew({ ...asked, batch }, revision, isRun);
      const given = body();
      const known = parseUuid(given.id ?? "");
      if (known !== undefined && (await reading.mentioned(actor, known)))
        throw new ApiError("taskExists", "Leave `id` out: the platform gives it. To run a task again, clone it.");
      const { main_location } = given;
      const location = mergeLocation(main_location === undefined ? null : { main_location }, given.output_location);
      const prepared = await prepareDraft(actor, deps, {
        appRevisionId: revision.id,
        projectId: project.id,
        inputs: given.inputs ?? {},
        batching,
        settings: given.execution_settings ?? null,
        location,
      });
      const draft = {
        projectId: project.id,
        appRevisionId: revision.id,
        name: given.name ?? `${revision.label} run - ${shortTime(new Date())}`,
        description: given.description ?? null,
        useInterruptible: use_interruptible_instances ?? given.use_interruptible_instances ?? null,
        outputLocation: location,
        createdBy: actor.username,
        ...draftOf(prepared),
      };
      return isRun ? makeAndRun(actor, draft, prepared, project) : make(actor, draft);
    },

    /**
     * Changes a draft; a task that runs or is completed can be renamed. Inputs are merged. Another status than the one
     * the task has is an action: see `moveTo`.
     *
     * @throws ApiError `taskNotFound`, `taskForbidden`, `taskNotDraft`, `badRequest` for another app or project; of `moveTo`
     */
    async update(actor: Actor, id: string, body: () => BodyOf<Operations["updateTask"]>): Promise<FoundTask> {
      const task = await reading.require(actor, id, "execute");
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
      else await changeDraft(actor, task, given);
      return reading.require(actor, id, "read");
    },

    /**
     * Merges values into a draft's inputs.
     *
     * @throws ApiError `taskNotFound`, `taskForbidden`, `taskNotDraft`, `taskInputsMissing`
     */
    async updateInputs(actor: Actor, id: string, body: () => PortValues): Promise<FoundTask> {
      const task = await reading.require(actor, id, "execute");
      if (task.status !== "DRAFT") throw new ApiError("taskNotDraft");
      const inputs = body();
      if (Object.keys(inputs).length === 0) throw new ApiError("taskInputsMissing");
      await changeDraft(actor, task, { inputs });
      return reading.require(actor, id, "read");
    },

    /** Deletes a draft. @throws ApiError `taskNotFound`, `taskForbidden`, `taskNotDraft` */
    async delete(actor: Actor, id: string): Promise<void> {
      await reading.require(actor, id, "execute");
      await db.transaction().execute(async (tx) => {
        const task = await lockTask(tx, id);
        if (!task) throw new ApiError("taskNotFound");
        if (task.status !== "DRAFT") throw new ApiError("taskNotDraft");
        await deleteTask(tx, id);
      });
    },

    /**
     * A new draft like the task, in any state; with `run` it is submitted at once, as by `create`.
     *
     * @throws ApiError `taskNotFound`, `taskForbidden`, `billingForbidden`
     */
    async clone(actor: Actor, id: string, query: () => QueryOf<Operations["cloneTask"]>): Promise<FoundTask> {
      const task = await reading.require(actor, id, "execute");
      const { action } = query();
      const prepared = await prepareDraft(actor, deps, contentsOf(task));
      const project = await access.require(actor, { id: task.project_id }, "execute");
      const draft = {
        projectId: task.project_id,
        appRevisionId: task.app_revision_id,
        name: task.name,
        description: task.description,
        useInterruptible: task.use_interruptible_instances,
        outputLocation: task.output_location,
        createdBy: actor.username,
        ...draftOf(prepared),
      };
      return action === "run" ? makeAndRun(actor, draft, prepared, project) : make(actor, draft);
    },
  };

  async function make(actor: Actor, draft: Draft): Promise<FoundTask> {
    return reading.require(actor, await insertTask(db, draft), "read");
  }

  /**
   * Makes a draft and submits it, unless it has errors. When nobody pays for the run, the draft stays (tasks.md §3.2).
   *
   * @throws ApiError `billingForbidden`
   */
  async function makeAndRun(actor: Actor, draft: Draft, prepared: Prepared, project: AccessibleProject): Promise<FoundTask> {
    const { id, refusal } = await db.transaction().execute(async (tx) => {
      const id = await insertTask(tx, draft);
      if (prepared.errors.length > 0) return { id };
      // A refusal thrown in here would take the draft back.
      const submitting = { taskId: id, executedBy: actor.username, billingGroup: project.billing_group_id, prepared };
      const refusal = await submitDraft(tx, billing, submitting).then(() => undefined, refusalOf);
      return { id, refusal };
    });
    if (refusal) throw refusal;
    return reading.require(actor, id, "read");
  }

  async function executableProject(actor: Actor, name: { owner: string; project: string }): Promise<AccessibleProject> {
    const project = await access.mentioned(actor, name, "read");
    if (!project.permissions.execute) throw new ApiError("taskForbidden");
    return project;
  }

  async function appRevision(actor: Actor, text: string) {
    const id = parseAppId(text);
    if ("refused" in id) throw new ApiError("taskAppInvalid", `${text} is no app id.`);
    const { app } = await apps.mentioned(actor, id);
    if (!apps.isCwl(app)) throw new ApiError("taskAppNotCwl");
    return app;
  }

  async function changeDraft(actor: Actor, task: FoundTask, given: Partial<BodyOf<Operations["updateTask"]>>): Promise<void> {
    await db.transaction().execute(async (tx) => {
      const locked = await lockTask(tx, task.id);
      if (!locked) throw new ApiError("taskNotFound");
      if (locked.status !== "DRAFT") throw new ApiError("taskNotDraft");
      const inputs = given.inputs === undefined ? locked.inputs : mergeValues(locked.inputs, given.inputs as PortValues);
      const ofApp = given.batch === true ? batchingOf(await apps.revision(locked.app_revision_id)) : undefined;
      const kept = batchingOfTask(locked);
      const batching = given.batch === false ? null : readBatching(given, kept ?? ofApp);
      const settings =
        given.execution_settings && locked.execution_settings
          ? { ...locked.execution_settings, ...given.execution_settings }
          : given.execution_settings;
      const location = mergeLocation(locked.output_location, given.output_location);
      const prepared = await prepareDraft(actor, deps, {
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

function refusalOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}

/** `04-02-31 09:15:20`: how a task without a name is named after its time, in UTC. */
function shortTime(now: Date): string {
  const [year, month, day] = now.toISOString().slice(2, 10).split("-");
  return `${month}-${day}-${year} ${now.toISOString().slice(11, 19)}`;
}
