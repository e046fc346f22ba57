import type { BodyOf, Operations } from "@causeway/contract";
import { ApiError } from "../http/errors.ts";
import type { SeenFile } from "./access.ts";
import { cleanTags, withMetadata } from "./metadata.ts";
import { isFileName } from "./names/name-rules.ts";
import type { Metadata } from "./tables.ts";

/** What a request says of a file: what is not given stays. */
export type ChangeGiven = BodyOf<Operations["updateFile"]>;

/** What is written of it. */
export interface FileChange {
  name?: string;
  metadata?: Metadata;
  tags?: string[];
}

/**
 * Refuses a change that the actor may not make, or that no file can have.
 *
 * @throws ApiError `fileRenameForbidden`, `metadataForbidden`, `tagsForbidden`; of a folder `folderDetailsFixed`,
 *   `folderMetadata`, `folderTags`; `fileNameInvalid`
 */
export function refuseChange({ type, permissions }: SeenFile, { name, metadata, tags }: ChangeGiven): void {
  if (!permissions.write) {
    if (name !== undefined) throw new ApiError("fileRenameForbidden");
    if (metadata !== undefined) throw new ApiError("metadataForbidden");
    if (tags !== undefined) throw new ApiError("tagsForbidden");
  }
  if (type === "folder") {
    if (name !== undefined) throw new ApiError("folderDetailsFixed");
    if (metadata !== undefined) throw new ApiError("folderMetadata");
    if (tags !== undefined) throw new ApiError("folderTags");
  }
  if (name !== undefined && !isFileName(name)) throw new ApiError("fileNameInvalid");
}

/**
 * The change of a file that has the metadata `current`: those given are laid over them (`{}` replaces all).
 *
 * @throws ApiError `metadataInvalid`, `metadataKeyEmpty`, `badRequest` of tags
 */
export function changeOf(current: Metadata, { name, metadata, tags }: ChangeGiven): FileChange {
  return {
    ...(name === undefined ? {} : { name }),
    ...(metadata === undefined ? {} : { metadata: withMetadata(current, metadata) }),
    ...(tags === undefined ? {} : { tags: cleanTags(tags) }),
  };
}

export const isEmptyChange = (change: FileChange | ChangeGiven): boolean =>
  change.name === undefined && change.metadata === undefined && change.tags === undefined;
