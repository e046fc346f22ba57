import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { DrsImportService } from "./service.ts";

export function drsImportRoutes(calls: Calls, imports: DrsImportService): void {
  calls.serve(OPERATIONS.startDrsImport, ({ actor, body }) => imports.start(actor, body()));
  calls.serve(OPERATIONS.getDrsImport, ({ actor, params }) => imports.get(actor, params.import));
}
