import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import { presentUser } from "./present.ts";
import type { UserService } from "./service.ts";

export function userRoutes(calls: Calls, users: UserService, links: Links): void {
  calls.serve(OPERATIONS.getMe, async ({ actor }) => presentUser(await users.me(actor), links));
  calls.serve(OPERATIONS.listUsers, async ({ actor, query, page }) => {
    const { items, total } = await users.listOfDivision(actor, query, page);
    return { items: items.map((user) => presentUser(user, links)), total };
  });
  calls.serve(OPERATIONS.deleteUser, async ({ actor, params }) => users.remove(actor, params.username));
  calls.serve(OPERATIONS.getUser, async ({ actor, params }) => presentUser(await users.get(actor, params.username), links));
}
