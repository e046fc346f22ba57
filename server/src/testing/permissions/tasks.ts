import { app } from "./apps.ts";
import { type PermissionRow, ROLES, refusing, type Scene } from "./rows.ts";

const draftBody = async (scene: Scene) => {
  const { owner, project, name } = await app(scene);
  return { project: scene.project.id, app: `${owner}/${project}/${name}`, name: scene.fresh() };
};

/** A draft of the owner's. */
export const draft = async (scene: Scene) => {
  const { body } = await scene.world.post("owner", "/tasks", await draftBody(scene));
  return { task: body.id as string };
};
/** A task of the owner's that runs until it is aborted. */
const running = async (scene: Scene) => {
  const name = scene.fresh().replace(" ", "-");
  const sleep = { cwlVersion: "v1.2", class: "CommandLineTool", baseCommand: ["sleep", "1000"], inputs: [], outputs: [] };
  await scene.world.post("owner", `/apps/${scene.project.id}/${name}/raw`, sleep);
  const { body } = await scene.world.post("owner", "/tasks?action=run", {
    project: scene.project.id,
    app: `${scene.project.id}/${name}`,
  });
  return { task: body.id as string };
};

const notMembers = refusing(7001);
const notExecutors = refusing(7001, 7001, "read", "copy", "write");

export const taskRows: readonly PermissionRow[] = [
  { operation: "listTasks", of: "one's own", call: async () => ({}), refused: {} },
  {
    operation: "listTasks",
    of: "a project's",
    call: async ({ project }) => ({ query: `?project=${project.id}` }),
    refused: refusing(3001),
  },
  {
    operation: "listProjectTasks",
    call: async ({ project }) => {
      const [owner = "", name = ""] = project.id.split("/");
      return { params: { owner, project: name } };
    },
    refused: refusing(3001),
  },
  {
    operation: "createTask",
    call: async (scene) => ({ body: await draftBody(scene) }),
    refused: refusing(3002, 7001, "read", "copy", "write"),
  },
  { operation: "getTask", call: async (scene) => ({ params: await draft(scene) }), refused: notMembers },
  {
    operation: "getTasks",
    of: "each with an answer of its own",
    call: async (scene) => ({ body: { task_ids: [(await draft(scene)).task] } }),
    refused: {},
  },
  {
    operation: "updateTask",
    call: async (scene) => ({ params: await draft(scene), body: { name: "x" } }),
    refused: notExecutors,
  },
  { operation: "deleteTask", call: async (scene) => ({ params: await draft(scene) }), refused: notExecutors },
  { operation: "getTaskInputs", call: async (scene) => ({ params: await draft(scene) }), refused: notMembers },
  {
    operation: "updateTaskInputs",
    call: async (scene) => ({ params: await draft(scene), body: { anything: 1 } }),
    refused: notExecutors,
  },
  { operation: "runTask", call: async (scene) => ({ params: await draft(scene) }), refused: notExecutors },
  { operation: "abortTask", call: async (scene) => ({ params: await running(scene) }), refused: notExecutors },
  { operation: "cloneTask", call: async (scene) => ({ params: await draft(scene) }), refused: notExecutors },
  { operation: "getExecutionDetails", call: async (scene) => ({ params: await draft(scene) }), refused: notMembers },
  {
    operation: "actOnTask",
    of: "whose action is wrong for everybody",
    call: async (scene) => ({ params: { ...(await draft(scene)), action: "dance" } }),
    refused: Object.fromEntries(ROLES.map((role) => [role, 7013])),
  },
];
