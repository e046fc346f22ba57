import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { SearchService } from "./service.ts";

export function searchRoutes(calls: Calls, search: SearchService): void {
  calls.serve(OPERATIONS.searchFiles, ({ actor, body, query }) => search.search(actor, body, query));
}
