import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { FileOperationService } from "./service.ts";

export function fileOperationRoutes(calls: Calls, jobs: FileOperationService): void {
  calls.serve(OPERATIONS.startCopy, ({ actor, body }) => jobs.submit(actor, "COPY", body));
  calls.serve(OPERATIONS.startMove, ({ actor, body }) => jobs.submit(actor, "MOVE", body));
  calls.serve(OPERATIONS.startDelete, ({ actor, body }) => jobs.submit(actor, "DELETE", body));
  calls.serve(OPERATIONS.getCopy, ({ actor, params }) => jobs.get(actor, "COPY", params.job));
  calls.serve(OPERATIONS.getMove, ({ actor, params }) => jobs.get(actor, "MOVE", params.job));
  calls.serve(OPERATIONS.getDelete, ({ actor, params }) => jobs.get(actor, "DELETE", params.job));
  calls.serve(OPERATIONS.listFileJobs, ({ actor, page }) => jobs.list(actor, page));
}
