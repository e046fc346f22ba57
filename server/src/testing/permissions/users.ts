import { closeMonths } from "../../billing/invoice-queries.ts";
import { type PermissionRow, refusing, type Scene } from "./rows.ts";

const ownersGroup = async ({ world }: Scene) => (await world.get("owner", "/billing/groups")).body.items[0].id as string;

/** An invoice of the owner's group, of a month in the past. */
async function ownersInvoice(scene: Scene): Promise<string> {
  const { world, project } = scene;
  const { db, services } = world.platform;
  const { id } = await db
    .selectFrom("projects")
    .select("id")
    .where("root_folder", "=", project.root_folder)
    .executeTakeFirstOrThrow();
  await services.ledger.chargeDownloads([
    { projectId: id, username: "owner", bytes: 1000, at: new Date("2020-02-03T00:00:00Z") },
  ]);
  await closeMonths(db, new Date("2020-03-01T00:00:00Z"));
  return (await world.get("owner", "/billing/invoices")).body.items[0].id;
}

const notOfTheGroup = refusing(4001, 4001, "read", "copy", "write", "execute", "admin");

/** The calls about oneself, and those that ask for no more than a token. The role `admin` operates the platform here. */
export const userRows: readonly PermissionRow[] = [
  { operation: "getRoot", call: async () => ({}), refused: {} },
  { operation: "getRateLimit", call: async () => ({}), refused: {} },
  { operation: "sendFeedback", call: async () => ({ body: { text: "More reefs" } }), refused: {} },
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
    refused: notOfTheGroup,
  },
  ...(["listAnalysisCosts", "listStorageCosts", "listEgressCosts", "getSpendingByProject"] as const).map((operation) => ({
    operation,
    call: async (scene: Scene) => ({ params: { billing_group: await ownersGroup(scene) } }),
    refused: notOfTheGroup,
  })),
  { operation: "listInvoices", of: "all of one's own", call: async () => ({}), refused: {} },
  {
    operation: "listInvoices",
    of: "those of one group",
    call: async (scene) => ({ query: `?billing_group=${await ownersGroup(scene)}` }),
    refused: notOfTheGroup,
  },
  {
    operation: "getInvoice",
    call: async (scene) => ({ params: { invoice: await ownersInvoice(scene) } }),
    refused: notOfTheGroup,
  },
];
