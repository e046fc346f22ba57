import type { FileContents } from "../files/file-creation.ts";
import type { FileService } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { UploadAccess } from "./access.ts";
import type { ReportedPart } from "./parts.ts";
import type { CompletableUpload } from "./queries.ts";
import { refuseTaken } from "./taken-names.ts";

/** A completed upload can be completed again for this long, with the same answer. */
export const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** What an upload's completion asks of other features. */
export interface CompletionDeps {
  fileContents: FileContents;
  files: FileService;
}

/** A completion as it is asked for; `reports` reads the parts of the request's body when they are called for. */
export interface Completion {
  actor: Actor;
  id: string;
  reports: () => ReportedPart[];
}

export type CompletionRules = ReturnType<typeof createCompletionRules>;

/** Which uploads may be completed, and where to. */
export function createCompletionRules(access: UploadAccess) {
  return {
    /** The actor's own upload, going on or completed. @throws ApiError `uploadNotFound`, `uploadForbidden` */
    own(actor: Actor, upload: CompletableUpload | undefined): CompletableUpload {
      const isForgotten = upload?.completed_at && upload.completed_at.getTime() + REMEMBERED_MS < Date.now();
      if (!upload || isForgotten || (!upload.completed_at && access.isExpired(upload))) throw new ApiError("uploadNotFound");
      if (upload.user_id !== actor.id) throw new ApiError("uploadForbidden");
      return upload;
    },

    /** @throws ApiError `projectNotFound`, `uploadFileForbidden`, `uploadFileNotFound`, `uploadFileExists`; those of `reports` */
    reportsFor(upload: CompletableUpload, reports: Completion["reports"]): ReportedPart[] {
      if (!upload.has_project) throw new ApiError("projectNotFound");
      if (!upload.may_write) throw new ApiError("uploadFileForbidden");
      if (!upload.has_folder) throw new ApiError("uploadFileNotFound");
      const given = reports();
      refuseTaken(upload);
      return given;
    },
  };
}
