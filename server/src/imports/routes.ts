import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { ImportService } from "./service.ts";

export function importRoutes(calls: Calls, imports: ImportService): void {
  calls.serve(OPERATIONS.startImport, ({ actor, body, query }) => {
    const given = body();
    return imports.start(actor, { ...given, overwrite: given.overwrite ?? query().overwrite ?? false });
  });
  calls.serve(OPERATIONS.listImports, ({ actor, query, page }) => imports.list(actor, query(), page()));
  calls.serve(OPERATIONS.getImport, ({ actor, params }) => imports.get(actor, params.import));
  calls.serve(OPERATIONS.startImports, ({ actor, body }) => imports.startMany(actor, body().items));
  calls.serve(OPERATIONS.getImports, ({ actor, body }) => imports.getMany(actor, body().import_ids));
}
