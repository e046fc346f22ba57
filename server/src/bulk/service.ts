import { type BodyOf, type Operations, parseFileId } from "@causeway/contract";
import type { File, FileService } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import { type Result, resultsOf } from "./results.ts";

type Results = Promise<{ items: Result<File>[] }>;
type Changes = BodyOf<Operations["editFiles"]>["items"];

export type BulkService = ReturnType<typeof createBulkService>;

/**
 * Calls on up to a hundred files (files.md §4). Every file is done wholly or not at all, in the order given, and
 * answered by itself: none of these throws because of one file.
 */
export function createBulkService(files: FileService, links: Links) {
  const each = (ids: readonly string[], work: (id: string, index: number) => Promise<File>): Results =>
    resultsOf(ids, links.baseUrl, (id, index) => work(fileIdOf(id), index));

  return {
    async get(actor: Actor, ids: readonly string[]): Results {
      const found = await files.getMany(
        actor,
        ids.map(parseFileId).filter((id) => id !== undefined),
      );
      return each(ids, async (id) => {
        const file = found.get(id) ?? new ApiError("fileNotFound");
        if (file instanceof ApiError) throw file;
        return file;
      });
    },

    /** Answers what the files were before. */
    delete: (actor: Actor, ids: readonly string[]): Results =>
      each(ids, async (id) => {
        const before = await files.get(actor, id);
        await files.delete(actor, id);
        return before;
      }),

    /** Tags and metadata that are not given become empty; a name stays. */
    replace: (actor: Actor, changes: Changes): Results =>
      each(idsOf(changes), (id, index) => {
        const { name, tags = [], metadata = {} } = changes[index]!;
        return files.update(actor, id, () => ({ ...(name === undefined ? {} : { name }), tags, metadata }));
      }),

    /** What is not given stays; metadata is merged, and a null removes its key. */
    edit: (actor: Actor, changes: Changes): Results =>
      each(idsOf(changes), (id, index) => {
        const { id: _id, ...change } = changes[index]!;
        return files.update(actor, id, () => change, { mergeMetadata: true });
      }),
  };
}

const idsOf = (changes: Changes): string[] => changes.map(({ id }) => id);

function fileIdOf(text: string): string {
  if (text.trim() === "") throw new ApiError("fileIdEmpty");
  const id = parseFileId(text);
  if (id === undefined) throw new ApiError("fileNotFound");
  return id;
}
