import { OPERATIONS, onlyPartLink } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import { presentPartInfo, presentReport, presentUpload, presentUploadDetail, presentUploadItem } from "./present.ts";
import type { UploadService } from "./service.ts";

export function uploadRoutes(calls: Calls, uploads: UploadService, links: Links): void {
  calls.serve(OPERATIONS.startUpload, async ({ actor, query, body, header }) => {
    const upload = await uploads.start(actor, query, body);
    const address = uploads.onlyPartLink(upload);
    // Ours alone, so no key of the answer: it spares the call that asks for this address.
    if (address !== undefined) header("link", onlyPartLink(address));
    return presentUpload(upload, links);
  });
  calls.serve(OPERATIONS.listUploads, async ({ actor, page }) => {
    const { items, total } = await uploads.list(actor, page);
    return { items: items.map((upload) => presentUploadItem(upload, links)), total };
  });
  calls.serve(OPERATIONS.getUpload, async ({ actor, params, query }) => {
    const { upload, reported } = await uploads.get(actor, params.upload, query);
    return presentUploadDetail(upload, reported, links);
  });
  calls.serve(OPERATIONS.getUploadPart, async ({ actor, params }) =>
    presentPartInfo(await uploads.partLink(actor, params.upload, Number(params.part_number))),
  );
  calls.serve(OPERATIONS.reportUploadPart, async ({ actor, params, body }) => {
    const [report] = await uploads.report(actor, params.upload, () => [body()]);
    return presentReport(report!);
  });
  calls.serve(OPERATIONS.reportUploadParts, async ({ actor, params, body }) => {
    const reports = await uploads.report(actor, params.upload, () => body().parts);
    return { parts: reports.map(presentReport) };
  });
  calls.serve(OPERATIONS.completeUpload, ({ actor, params, body }) => uploads.complete(actor, params.upload, body));
  calls.serve(OPERATIONS.abortUpload, ({ actor, params }) => uploads.abort(actor, params.upload));
}
