import { closed, type ErrorCase } from "./error-case.ts";

const TOOL = { cwlVersion: "v1.2", class: "CommandLineTool", baseCommand: "true", inputs: [], outputs: [] };

export const APPS: readonly ErrorCase[] = [
  closed(6000, "apps", "/apps"),
  { code: 6001, when: "a stranger asks", raise: ({ world, app }) => world.get("ben", `/apps/${app}`) },
  { code: 6002, when: "the project has no such app", raise: ({ world, project }) => world.get("ana", `/apps/${project}/walk`) },
  {
    code: 6003,
    when: "a revision is added that there is",
    raise: ({ world, app }) => world.post("ana", `/apps/${app}/0/raw`, TOOL),
  },
  {
    code: 6004,
    when: "the app's name is empty",
    raise: ({ world, project }) => world.post("ana", `/apps/${project}//raw`, TOOL),
  },
  { code: 6006, when: "the owner in the app's id is empty", raise: ({ world }) => world.get("ana", "/apps//reef/nap") },
  { code: 6007, when: "the project in the app's id is empty", raise: ({ world }) => world.get("ana", "/apps/ana//nap") },
  { code: 6008, when: "the revision is empty", raise: ({ world, app }) => world.post("ana", `/apps/${app}//raw`, TOOL) },
  {
    code: 6009,
    begins: "App revision",
    when: "the revision is no number",
    raise: ({ world, app }) => world.get("ana", `/apps/${app}/first`),
  },
  {
    code: 6009,
    begins: "Source project",
    when: "an app is copied to no project",
    raise: ({ world, app }) => world.post("ana", `/apps/${app}/actions/copy`, {}),
  },
  {
    code: 6010,
    when: "an app without a name is copied",
    raise: ({ world, project }) => world.post("ana", `/apps/${project}//actions/copy`, { project }),
  },
  {
    code: 6011,
    when: "the app's name has letters that names have not",
    raise: ({ world, project }) => world.post("ana", `/apps/${project}/short%20nap/raw`, TOOL),
  },
  { code: 6012, when: "a list of secret apps is asked for", raise: ({ world }) => world.get("ana", "/apps?visibility=secret") },
];
