import { OPERATIONS, type Operations, TASK_LIST_FIELDS, Task } from "@causeway/contract";
import type { Actor } from "../http/actor.ts";
import { resultsOf } from "../http/bulk-results.ts";
import type { Call, Calls } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import { inTurns } from "../http/in-turns.ts";
import type { Links } from "../http/links.ts";
import { decodeExactly } from "../http/media.ts";
import type { TaskFiles } from "./files/task-files.ts";
import { mentionedIds, presentDetails, presentLine, presentTask, presentValues } from "./present.ts";
import type { FoundTask } from "./queries.ts";
import type { TaskService } from "./service.ts";
import type { PortValues } from "./tables.ts";

/** What lists show when they are asked for more than they show by themselves. */
const BEYOND_LINES = Object.keys(Task.properties).filter((field) => !(TASK_LIST_FIELDS as readonly string[]).includes(field));

type ListCall = Pick<Call<Operations["listProjectTasks"]>, "actor" | "query" | "page" | "fields">;

export interface TaskRoutesDeps {
  tasks: TaskService;
  files: TaskFiles;
  links: Links;
}

export function taskRoutes(calls: Calls, { tasks, files, links }: TaskRoutesDeps): void {
  // Of a file that has gone where the viewer may not read it, a task shows what it knew of it when it was made.
  const present = async (actor: Actor, task: FoundTask) => {
    const [mentioned, before] = await Promise.all([files.find(actor, mentionedIds([task])), tasks.before([task])]);
    return presentTask(task, { files: mentioned, before }, links);
  };
  const presentInputs = async (actor: Actor, task: FoundTask) =>
    presentValues(task.inputs, await files.find(actor, mentionedIds([task])));
  // A page can have a hundred tasks of as many values as a body may have.
  const idsIn = async (found: readonly FoundTask[]) => (await inTurns(found, (task) => mentionedIds([task]))).flat();
  const list = async ({ actor, query, page, fields }: ListCall, project?: { owner: string; project: string }) => {
    if (!BEYOND_LINES.some((field) => fields.wants(field))) {
      const { items, total } = await tasks.listLines(actor, query, page, project);
      return { itemsText: JSON.stringify(items.map((task) => fields.apply(presentLine(task, links)))), total };
    }
    const { items, total } = await tasks.list(actor, query, page, project);
    const showsFiles = fields.wants("inputs") || fields.wants("outputs");
    const mentioned = await files.find(actor, showsFiles ? await idsIn(items) : []);
    const before = await tasks.before(fields.wants("execution_status") ? items : []);
    return { items: await inTurns(items, (task) => presentTask(task, { files: mentioned, before }, links)), total };
  };

  calls.serve(OPERATIONS.listTasks, (call) => list(call));
  calls.serve(OPERATIONS.listProjectTasks, (call) => list(call, call.params), {
    canonical: ({ owner, project }) => ({ path: "/tasks", query: { project: `${owner}/${project}` } }),
  });
  // Values of type long have more digits than JavaScript's numbers.
  const exactly = { decode: decodeExactly } as const;
  calls.serve(
    OPERATIONS.createTask,
    async ({ actor, query, body }) => present(actor, await tasks.create(actor, query, body)),
    exactly,
  );
  calls.serve(OPERATIONS.getTask, async ({ actor, params }) => present(actor, await tasks.get(actor, params.task)));
  calls.serve(OPERATIONS.getTasks, async ({ actor, body }) => {
    const ids = body().task_ids;
    const { found, get } = await tasks.getMany(
      actor,
      ids.flatMap((id) => ("value" in id ? id.value : [])),
    );
    const around = { files: await files.find(actor, await idsIn(found)), before: await tasks.before(found) };
    return resultsOf(ids, links.baseUrl, async (id) => presentTask(get(id), around, links));
  });
  calls.serve(
    OPERATIONS.updateTask,
    async ({ actor, params, body }) => present(actor, await tasks.update(actor, params.task, body)),
    exactly,
  );
  calls.serve(OPERATIONS.deleteTask, async ({ actor, params }) => tasks.delete(actor, params.task));
  calls.serve(OPERATIONS.getTaskInputs, async ({ actor, params }) => presentInputs(actor, await tasks.get(actor, params.task)));
  calls.serve(
    OPERATIONS.updateTaskInputs,
    async ({ actor, params, body }) =>
      presentInputs(actor, await tasks.updateInputs(actor, params.task, body as () => PortValues)),
    exactly,
  );
  calls.serve(OPERATIONS.runTask, async ({ actor, params, query }) => present(actor, await tasks.run(actor, params.task, query)));
  calls.serve(OPERATIONS.abortTask, async ({ actor, params }) => present(actor, await tasks.abort(actor, params.task)));
  calls.serve(OPERATIONS.cloneTask, async ({ actor, params, query }) =>
    present(actor, await tasks.clone(actor, params.task, query)),
  );
  calls.serve(OPERATIONS.actOnTask, async () => {
    // The actions that there are have routes of their own, and the check of the path refuses all others.
    throw new ApiError("taskActionInvalid");
  });
  calls.serve(OPERATIONS.getExecutionDetails, async ({ actor, params }) => {
    const { task, jobs } = await tasks.jobs(actor, params.task);
    return presentDetails(task, jobs, await tasks.before([task]), links);
  });
}
