import type { Answer } from "../world.ts";
import { closed, type ErrorCase, NO_UUID, type Scene } from "./error-case.ts";

/** Makes a task of the scene's app, or answers why not. */
const make = ({ world, project, app }: Scene, more: object, query = ""): Promise<Answer> =>
  world.post("ana", `/tasks${query}`, { project, app, ...more });

export const TASKS: readonly ErrorCase[] = [
  closed(7000, "tasks", "/tasks"),
  { code: 7001, when: "a stranger asks", raise: ({ world, draft }) => world.get("ben", `/tasks/${draft}`) },
  { code: 7002, when: "there is no such task", raise: ({ world }) => world.get("ana", `/tasks/${NO_UUID}`) },
  { code: 7003, when: "a task is made with the id of another", raise: (scene) => make(scene, { id: scene.draft }) },
  { code: 7004, when: "the task's id is empty", raise: ({ world }) => world.get("ana", "/tasks//inputs") },
  { code: 7005, when: "the task's id is no UUID", raise: ({ world }) => world.get("ana", "/tasks/first") },
  { code: 7006, when: "tasks of no such status are listed", raise: ({ world }) => world.get("ana", "/tasks?status=asleep") },
  {
    code: 7007,
    when: "a task that was run is deleted",
    raise: ({ world, completed }) => world.delete("ana", `/tasks/${completed}`),
  },
  {
    code: 7008,
    when: "a task that does not run is set to be aborted",
    raise: ({ world, draft }) => world.patch("ana", `/tasks/${draft}`, { status: "ABORTED" }),
  },
  {
    code: 7009,
    when: "a task that has ended is set to run",
    raise: ({ world, completed }) => world.patch("ana", `/tasks/${completed}`, { status: "RUNNING" }),
  },
  {
    code: 7010,
    when: "a task is run a second time",
    raise: ({ world, completed }) => world.post("ana", `/tasks/${completed}/actions/run`),
  },
  { code: 7011, when: "a draft is aborted", raise: ({ world, draft }) => world.post("ana", `/tasks/${draft}/actions/abort`) },
  {
    code: 7012,
    when: "a draft's inputs are changed without any",
    raise: ({ world, draft }) => world.patch("ana", `/tasks/${draft}/inputs`, {}),
  },
  { code: 7013, when: "there is no such action", raise: ({ world, draft }) => world.post("ana", `/tasks/${draft}/actions/walk`) },
  { code: 7014, when: "the action is empty", raise: (scene) => make(scene, {}, "?action=") },
  { code: 7015, when: "a task is made of no app", raise: (scene) => make(scene, { app: "" }) },
  { code: 7016, when: "a task is made of what is no app's id", raise: (scene) => make(scene, { app: "nap" }) },
  {
    code: 7017,
    when: "a task is made of an app that is not CWL",
    async raise(scene) {
      const { world, project } = scene;
      await world.post("ana", `/apps/${project}/flow/raw`, { class: "nextflow", label: "Flow" });
      return make(scene, { app: `${project}/flow` });
    },
  },
  {
    code: 7018,
    when: "the input to batch by is blank",
    raise: (scene) => make(scene, { batch_input: "", batch_by: { type: "ITEM" } }),
  },
  {
    code: 7019,
    when: "a batch by criteria has none",
    raise: (scene) => make(scene, { batch_input: "seconds", batch_by: { type: "CRITERIA" } }),
  },
  {
    code: 7020,
    when: "a batch is by something else",
    raise: (scene) => make(scene, { batch_input: "seconds", batch_by: { type: "weather" } }),
  },
  {
    code: 7021,
    when: "batching is disabled for a draft",
    raise: (scene) => make(scene, { batch_input: "seconds", batch_by: { type: "ITEM" } }, "?batch=false"),
  },
  {
    code: 7022,
    when: "batching is disabled of a task that is no batch",
    raise: ({ world, draft }) => world.post("ana", `/tasks/${draft}/actions/run?batch=false`),
  },
  { code: 7023, when: "a batch has an input and no way", raise: (scene) => make(scene, { batch_input: "seconds" }) },
  {
    code: 7024,
    when: "a draft with a wrong input is run",
    async raise(scene) {
      const { body } = await make(scene, { inputs: { seconds: "some" } });
      return scene.world.post("ana", `/tasks/${body.id}/actions/run`);
    },
  },
];
