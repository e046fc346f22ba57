import { type BodyOf, type Element, type Operations, parseFileId } from "@causeway/contract";
import type { File, FileService } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import { type Result, resultsOf } from "./results.ts";

type Results = Promise<{ items: Result<File>[] }>;
type Ids = readonly Element<string>[];
type Changes = readonly Element<BodyOf<Operations["editFiles"]>["items"][number]>[];

export type BulkService = ReturnType<typeof createBulkService>;

/**
 * Calls on up to a hundred files (files.md §4). Every file is done wholly or not at all, in the order given, and
 * answered by itself: none of these throws because of one file.
 */
export function createBulkService(files: FileService, links: Links) {
  return {
    async get(actor: Actor, ids: Ids): Results {
      const known = ids.flatMap((id) => ("value" in id ? (parseFileId(id.value) ?? []) : []));
      const found = await files.getMany(actor, known);
      return resultsOf(ids, links.baseUrl, async (id) => {
        const file = found.get(fileIdOf(id)) ?? new ApiError("fileNotFound");
        if (file instanceof ApiError) throw file;
        return file;
      });
    },

    /** Answers what the files were before. */
    delete: (actor: Actor, ids: Ids): Results =>
      resultsOf(ids, links.baseUrl, async (id) => {
        const before = await files.get(actor, fileIdOf(id));
        await files.delete(actor, before.id);
        return before;
      }),

    /** Tags and metadata that are not given become empty; a name stays. */
    replace: (actor: Actor, changes: Changes): Results =>
      resultsOf(changes, links.baseUrl, ({ id, name, tags = [], metadata = {} }) =>
        files.update(actor, fileIdOf(id), () => ({ ...(name === undefined ? {} : { name }), tags, metadata })),
      ),

    /** What is not given stays; metadata is merged, and a null removes its key. */
    edit: (actor: Actor, changes: Changes): Results =>
      resultsOf(changes, links.baseUrl, ({ id, ...change }) =>
        files.update(actor, fileIdOf(id), () => change, { mergeMetadata: true }),
      ),
  };
}

function fileIdOf(text: string): string {
  if (text.trim() === "") throw new ApiError("fileIdEmpty");
  const id = parseFileId(text);
  if (id === undefined) throw new ApiError("fileNotFound");
  return id;
}
