import type { BodyOf, Operations, ReplyOf } from "@causeway/contract";
import type { Insertable } from "kysely";
import type { Database } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import { cleanTags, withMetadata } from "../files/metadata.ts";
import { isFileName, NAME_RULE } from "../files/names/name-rules.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import { destinationOf } from "./destination.ts";
import { type DrsHosts, hostFor, parseDrsUri } from "./hosts.ts";
import { presentDrsImport } from "./present.ts";
import { findDrsImport, forgetFiles, holdAndCount, insertDrsImport, keptBlobs, listItems } from "./queries.ts";
import type { DrsImportItemsTable } from "./tables.ts";
import { enqueueDrsImport } from "./work.ts";

type DrsImport = ReplyOf<Operations["getDrsImport"]>;
type Item = BodyOf<Operations["startDrsImport"]>["items"][number];
type Row = Omit<Insertable<DrsImportItemsTable>, "import_id" | "number">;

export interface DrsImportDeps {
  db: Database;
  access: FileAccess;
  links: Links;
  hosts: DrsHosts;
}

export type DrsImportService = ReturnType<typeof createDrsImportService>;

const KEPT_MS = 60 * 60_000;

/** Jobs that bring objects of DRS services into the platform (volumes.md §2.15). They are known to who started them alone. */
export function createDrsImportService(
  { db, access, links, hosts }: DrsImportDeps,
  { atMost }: { /** Of one user, under way. */ atMost: number },
) {
  return {
    /**
     * Takes a job and answers it at once. What is wrong with one item is told in its result alone.
     *
     * @throws ApiError `badRequest` of the tags; `drsTooManyImports`
     */
    async start(actor: Actor, given: BodyOf<Operations["startDrsImport"]>): Promise<DrsImport> {
      const tags = cleanTags(given.tags ?? []);
      const rows: Row[] = [];
      for (const item of given.items) rows.push(await rowOf(actor, item));
      return db.transaction().execute(async (tx) => {
        if ((await holdAndCount(tx, actor.id)) >= atMost)
          throw new ApiError("drsTooManyImports", `At most ${atMost} may be (CAUSEWAY_DRS_IMPORTS).`);
        const { conflict_resolution = "SKIP" } = given;
        const job = await insertDrsImport(tx, { user_id: actor.id, conflict_resolution, tags }, rows);
        await enqueueDrsImport(tx, job.id);
        // What was wrong from the beginning is told with the rest.
        return { ...presentDrsImport(job, [], links), total_files: rows.length };
      });
    },

    /** @throws ApiError `drsImportNotFound`, also to others than who started it */
    async get(actor: Actor, id: string): Promise<DrsImport> {
      const job = await findDrsImport(db, id, actor.id);
      if (!job) throw new ApiError("drsImportNotFound");
      return presentDrsImport(job, await listItems(db, id), links);
    },

    /** Which of these blobs wait for their file. */
    keepsBlobs: (keys: readonly string[]): Promise<string[]> => keptBlobs(db, keys),

    /** Forgets what imports were made of that ended a while ago. */
    removeOld: (now: Date): Promise<void> => forgetFiles(db, new Date(now.getTime() - KEPT_MS)),
  };

  async function rowOf(actor: Actor, item: Item): Promise<Row> {
    try {
      return await checked(actor, item);
    } catch (error) {
      if (error instanceof ApiError) return refused(error);
      throw error;
    }
  }

  async function checked(actor: Actor, { drs_uri, project, parent, name, metadata = {} }: Item): Promise<Row> {
    const address = parseDrsUri(drs_uri);
    if (!address) throw new ApiError("drsUriInvalid", "An address is drs://host/id.");
    if (!hostFor(hosts, address, actor))
      throw new ApiError("drsUriInvalid", `Objects of ${address.host} cannot be imported here (CAUSEWAY_DRS_HOSTS).`);
    if (name !== undefined && !isFileName(name)) throw new ApiError("drsNameInvalid", `${NAME_RULE}.`);
    await destinationOf(access, actor, { project: project ?? null, parent: parent ?? null });
    return {
      drs_uri,
      project: project ?? null,
      parent: parent ?? null,
      name: name ?? null,
      metadata: JSON.stringify(metadataOf(metadata)),
    };
  }
}

/** @throws ApiError `drsMetadataInvalid` */
function metadataOf(given: NonNullable<Item["metadata"]>) {
  try {
    return withMetadata({}, given);
  } catch (error) {
    if (error instanceof ApiError) throw new ApiError("drsMetadataInvalid", error.detail);
    throw error;
  }
}

/** An item that nothing is done for; what it said is not kept. */
const refused = ({ kind, detail }: ApiError): Row => ({
  drs_uri: "",
  metadata: "{}",
  error: kind,
  error_detail: detail ?? null,
});
