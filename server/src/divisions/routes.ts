import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import type { DivisionRow, DivisionService } from "./service.ts";

export function divisionRoutes(calls: Calls, divisions: DivisionService, links: Links): void {
  calls.serve(OPERATIONS.listDivisions, async ({ actor, page }) => {
    const { items, total } = await divisions.list(actor, page);
    return { items: items.map((division) => presentDivision(division, links)), total };
  });
  calls.serve(OPERATIONS.getDivision, async ({ actor, params }) =>
    presentDivision(await divisions.require(actor, params.division, "look"), links),
  );
}

const presentDivision = ({ id, name }: DivisionRow, links: Links) => ({ href: links.to(`/divisions/${id}`), id, name });
