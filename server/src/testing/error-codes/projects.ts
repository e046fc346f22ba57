import { closed, type ErrorCase } from "./error-case.ts";

const READ = { username: "ben", permissions: { read: true } };

export const PROJECTS: readonly ErrorCase[] = [
  closed(3000, "projects", "/projects"),
  { code: 3001, when: "a stranger asks", raise: ({ world, project }) => world.get("ben", `/projects/${project}`) },
  { code: 3002, when: "the owner has no such project", raise: ({ world }) => world.get("ana", "/projects/ana/atoll") },
  {
    code: 3003,
    when: "a member is added again",
    raise: ({ world, project }) => world.post("ana", `/projects/${project}/members`, { ...READ, username: "carla" }),
  },
  { code: 3004, when: "the owner in the path is empty", raise: ({ world }) => world.get("ana", "/projects//reef") },
  {
    code: 3005,
    when: "a member without a name is added",
    raise: ({ world, project }) => world.post("ana", `/projects/${project}/members`, { permissions: { read: true } }),
  },
  {
    code: 3006,
    when: "a task is made in no project",
    raise: ({ world, app }) => world.post("ana", "/tasks", { app }),
  },
  { code: 3007, when: "a project has a blank name", raise: ({ world }) => world.post("ana", "/projects", { name: " " }) },
  {
    code: 3008,
    when: "the billing group of a project is blank",
    raise: ({ world }) => world.post("ana", "/projects", { name: "Atoll", billing_group: "" }),
  },
  {
    code: 3009,
    when: "the type of a project is blank",
    raise: ({ world }) => world.post("ana", "/projects", { name: "Atoll", type: "" }),
  },
  {
    code: 3010,
    when: "the type of a project is one of old",
    raise: ({ world }) => world.post("ana", "/projects", { name: "Atoll", type: "v1" }),
  },
  {
    code: 3011,
    when: "a member is added without permissions",
    raise: ({ world, project }) => world.post("ana", `/projects/${project}/members`, { username: "ben" }),
  },
  {
    code: 3012,
    when: "a project's id has one part only",
    raise: ({ world }) => world.get("ana", "/tasks?project=reef"),
  },
  {
    code: 3013,
    when: "permissions are replaced by some of the five",
    raise: ({ world, project }) => world.put("ana", `/projects/${project}/members/carla/permissions`, { read: true }),
  },
];
