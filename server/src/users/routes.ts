import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import { presentUser } from "./present.ts";
import type { UserService } from "./service.ts";

export function userRoutes(calls: Calls, users: UserService, links: Links): void {
  calls.serve(OPERATIONS.getMe, async ({ actor }) => presentUser(await users.me(actor), links));
  calls.serve(OPERATIONS.getUser, async ({ actor, params }) => presentUser(await users.get(actor, params.username), links));
}
