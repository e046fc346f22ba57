import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { ExportService } from "./service.ts";

export function exportRoutes(calls: Calls, exports: ExportService): void {
  calls.serve(OPERATIONS.startExport, ({ actor, body, query }) => exports.start(actor, body(), query().copy_only ?? false));
  calls.serve(OPERATIONS.listExports, ({ actor, query, page }) => exports.list(actor, query(), page()));
  calls.serve(OPERATIONS.getExport, ({ actor, params }) => exports.get(actor, params.export));
  calls.serve(OPERATIONS.startExports, ({ actor, body, query }) =>
    exports.startMany(actor, body().items, query().copy_only ?? false),
  );
  calls.serve(OPERATIONS.getExports, ({ actor, body }) => exports.getMany(actor, body().export_ids));
}
