import { closed, type ErrorCase, NO_UUID, type Scene } from "./error-case.ts";

const groupOf = async ({ world }: Scene, user: string): Promise<string> =>
  (await world.get(user, "/billing/groups")).body.items[0].id;

export const BILLING: readonly ErrorCase[] = [
  closed(4000, "billing", "/billing/groups"),
  {
    code: 4001,
    when: "a stranger reads a billing group",
    raise: async (scene) => scene.world.get("ben", `/billing/groups/${await groupOf(scene, "ana")}`),
  },
  { code: 4002, when: "there is no such group", raise: ({ world }) => world.get("ana", `/billing/groups/${NO_UUID}`) },
  {
    code: 4003,
    when: "an operator makes a group that its owner has",
    async raise({ world }) {
      const address = new URL("/operator/billing-groups", world.url).href;
      const group = { name: "Grant 7", owner: "ana" };
      await world.post("admin", address, group);
      return world.post("admin", address, group);
    },
  },
  { code: 4004, when: "the group's id is empty", raise: ({ world }) => world.get("ana", "/billing/groups//breakdown/storage") },
  { code: 4005, when: "the group's id is no UUID", raise: ({ world }) => world.get("ana", "/billing/groups/first") },
  {
    code: 4006,
    when: "a project shall be paid by strangers",
    raise: async (scene) => scene.world.post("ben", "/projects", { name: "Atoll", billing_group: await groupOf(scene, "ana") }),
  },
  { code: 4007, when: "the invoice's id is empty", raise: ({ world }) => world.get("ana", "/billing/invoices//") },
];
