import { type PermissionRow, refusing, type Scene } from "./rows.ts";

const ownersGroup = async ({ world }: Scene) => (await world.get("owner", "/billing/groups")).body.items[0].id as string;

/** The calls about oneself, and those that ask for no more than a token. The role `admin` operates the platform here. */
export const userRows: readonly PermissionRow[] = [
  { operation: "getRoot", call: async () => ({}), refused: {} },
  { operation: "getRateLimit", call: async () => ({}), refused: {} },
  { operation: "getMe", call: async () => ({}), refused: {} },
  {
    operation: "getUser",
    call: async () => ({ params: { username: "owner" } }),
    refused: refusing(2001, 2001, "read", "copy", "write", "execute"),
  },
  { operation: "getBilling", call: async () => ({}), refused: {} },
  { operation: "listBillingGroups", call: async () => ({}), refused: {} },
  {
    operation: "getBillingGroup",
    call: async (scene) => ({ params: { billing_group: await ownersGroup(scene) } }),
    refused: refusing(4001, 4001, "read", "copy", "write", "execute", "admin"),
  },
];
