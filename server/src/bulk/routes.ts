import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import { decodeNumbersAsWritten } from "../http/media.ts";
import type { BulkService } from "./service.ts";

export function bulkRoutes(calls: Calls, bulk: BulkService): void {
  calls.serve(OPERATIONS.getFiles, ({ actor, body }) => bulk.get(actor, body().file_ids));
  calls.serve(OPERATIONS.deleteFiles, ({ actor, body }) => bulk.delete(actor, body().file_ids));
  const texts = { decode: decodeNumbersAsWritten } as const;
  calls.serve(OPERATIONS.replaceFiles, ({ actor, body }) => bulk.replace(actor, body().items), texts);
  calls.serve(OPERATIONS.editFiles, ({ actor, body }) => bulk.edit(actor, body().items), texts);
}
