import { type BodyOf, type Element, type Operations, parseFileId } from "@causeway/contract";
import type { File, FileService } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import { type Result, resultsOf } from "../http/bulk-results.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";

type Results = Promise<{ items: Result<File>[] }>;
type Ids = readonly Element<string>[];
type Change = BodyOf<Operations["editFiles"]>["items"][number];
type Changes = readonly Element<Change>[];

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
        const file = found.get(fileIdOf(id));
        if (!file) throw new ApiError("fileNotFound");
        return file;
      });
    },

    /** Answers what the files were before. */
    delete: (actor: Actor, ids: Ids): Results =>
      resultsOf(ids, links.baseUrl, async (id) => {
        const before = await mentioned(actor, id);
        await files.delete(actor, before.id);
        return before;
      }),

    /** Tags and metadata that are not given become empty; a name stays. */
    replace: (actor: Actor, changes: Changes): Results =>
      changeAll(
        actor,
        changes,
        ({ name, tags = [], metadata = {} }) => ({ ...(name === undefined ? {} : { name }), tags, metadata }),
        {
          mergeMetadata: false,
        },
      ),

    /** What is not given stays; metadata is merged, and a null removes its key. */
    edit: (actor: Actor, changes: Changes): Results =>
      changeAll(actor, changes, ({ id: _id, ...change }) => change, { mergeMetadata: true }),
  };

  async function changeAll(
    actor: Actor,
    changes: Changes,
    given: (change: Change) => BodyOf<Operations["updateFile"]>,
    options: { mergeMetadata: boolean },
  ): Results {
    const known = changes.filter((change) => "value" in change).map(({ value }) => value);
    const wellFormed = known.filter(({ id }) => parseFileId(id) !== undefined);
    const changed = await files.updateMany(
      actor,
      wellFormed.map((change) => ({ id: fileIdOf(change.id), given: given(change) })),
      options,
    );
    const results = new Map(wellFormed.map((change, index) => [change, changed[index]!]));
    return resultsOf(changes, links.baseUrl, async (change) => {
      // Refuses what is no id: that has no result.
      fileIdOf(change.id);
      const result = results.get(change)!;
      if (result instanceof ApiError) throw result;
      return result;
    });
  }

  /** What may not be read is as if it were not there: the ids come in a body. */
  async function mentioned(actor: Actor, text: string): Promise<File> {
    const id = fileIdOf(text);
    const file = (await files.getMany(actor, [id])).get(id);
    if (!file) throw new ApiError("fileNotFound");
    return file;
  }
}

function fileIdOf(text: string): string {
  if (text.trim() === "") throw new ApiError("fileIdEmpty");
  const id = parseFileId(text);
  if (id === undefined) throw new ApiError("fileNotFound");
  return id;
}
