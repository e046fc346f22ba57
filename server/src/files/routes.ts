import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import { decodeNumbersAsWritten } from "../http/media.ts";
import type { FileScrolling } from "./listing/list-by-token.ts";
import type { PathFinder } from "./paths.ts";
import type { FileService } from "./service.ts";
import type { BulkCopy } from "./transfer/bulk-copy.ts";

const TEXTS = { decode: decodeNumbersAsWritten } as const;

export interface FileRoutesDeps {
  files: FileService;
  bulkCopy: BulkCopy;
  findIds: PathFinder;
  scrolling: FileScrolling;
}

export function fileRoutes(calls: Calls, { files, bulkCopy, findIds, scrolling }: FileRoutesDeps): void {
  calls.serve(OPERATIONS.listFiles, ({ actor, query, page, fields }) => files.list(actor, query, page, fields));
  calls.serve(
    OPERATIONS.listProjectFiles,
    ({ actor, params, query, page, fields }) =>
      files.list(actor, () => ({ ...query(), project: `${params.owner}/${params.project}` }), page, fields),
    { canonical: ({ owner, project }) => ({ path: "/files", query: { project: `${owner}/${project}` } }) },
  );
  calls.serve(OPERATIONS.listFolder, ({ actor, params, page, fields }) => files.listFolder(actor, params.file, page, fields));
  calls.serve(OPERATIONS.scrollFiles, ({ actor, query, page, fields }) => scrolling.list(actor, query, page, fields));
  calls.serve(OPERATIONS.scrollFolder, ({ actor, params, query, page, fields }) =>
    scrolling.listFolder(actor, params.file, query, page, fields),
  );
  calls.serve(OPERATIONS.createFolder, ({ actor, body }) => files.createFolder(actor, body));
  calls.serve(OPERATIONS.getFile, ({ actor, params }) => files.get(actor, params.file));
  calls.serve(OPERATIONS.updateFile, ({ actor, params, body }) => files.update(actor, params.file, body), TEXTS);
  calls.serve(OPERATIONS.deleteFile, ({ actor, params }) => files.delete(actor, params.file));
  calls.serve(OPERATIONS.getDownloadInfo, ({ actor, params }) => files.downloadInfo(actor, params.file));
  calls.serve(OPERATIONS.getFileTags, ({ actor, params }) => files.getTags(actor, params.file));
  calls.serve(OPERATIONS.replaceFileTags, ({ actor, params, body }) => files.replaceTags(actor, params.file, body), TEXTS);
  calls.serve(OPERATIONS.copyFile, ({ actor, params, body }) => files.copy(actor, params.file, body));
  calls.serve(OPERATIONS.moveFile, ({ actor, params, body }) => files.move(actor, params.file, body));
  calls.serve(OPERATIONS.copyFiles, ({ actor, body }) => bulkCopy(actor, body));
  calls.serve(OPERATIONS.findFileIds, ({ actor, body }) => findIds(actor, body()));
  metadataRoutes(calls, files);
}

function metadataRoutes(calls: Calls, files: FileService): void {
  // In a bare map of metadata a dot in `fields` is part of a key.
  const flat = { ...TEXTS, flatFields: true } as const;
  calls.serve(OPERATIONS.getFileMetadata, ({ actor, params }) => files.getMetadata(actor, params.file), flat);
  calls.serve(
    OPERATIONS.updateFileMetadata,
    ({ actor, params, body }) => files.changeMetadata(actor, params.file, body, { replace: false }),
    flat,
  );
  calls.serve(
    OPERATIONS.replaceFileMetadata,
    ({ actor, params, body }) => files.changeMetadata(actor, params.file, body, { replace: true }),
    flat,
  );
}
