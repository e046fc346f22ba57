import { Readable } from "node:stream";
import type { StoredLog } from "@causeway/agent";
import { type BlobStore, newBlobKey } from "@causeway/storage";
import { sql } from "kysely";
import type { Database } from "../../db/database.ts";
import { anyOf, PREPARED } from "../../db/prepared-plans.ts";
import { insertBlobs } from "../../files/blob-rows.ts";
import { insertLogs } from "./log-files.ts";
import { packsIn, unpackLogs } from "./packed-logs.ts";

interface PackRow {
  id: string;
  bytes: Buffer;
  logs: { [name: string]: string };
  task_id: string;
  project_id: string;
}

export type LateLogs = ReturnType<typeof createLateLogs>;

/**
 * The small logs of jobs as files. Until somebody mentions one by its id, which answers of the API have named, they are in
 * the rows of their jobs; then all logs of that job become files, under these ids.
 */
export function createLateLogs(db: Database, blobs: BlobStore) {
  const making = new Map<string, Promise<void>>();

  /** Bytes first: where two processes store them at the same moment, the sweep removes those that got no file. */
  async function makeFiles(pack: PackRow): Promise<void> {
    const logs: (StoredLog & { id: string })[] = [];
    for (const { id, name, bytes } of unpackLogs(pack.id, pack.bytes, pack.logs)) {
      const key = newBlobKey();
      const stored = await blobs.put(key, Readable.from([bytes], { objectMode: false }));
      logs.push({ id, name, bytes: { key, ...stored } });
    }
    await db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        update jobs set log_id = null, log_bytes = null where log_id = ${pack.id} returning name`.execute(tx);
      if (rows.length === 0) return; // somebody else did
      await insertBlobs(
        tx,
        logs.map(({ bytes }) => bytes),
      );
      await insertLogs(tx, { id: pack.task_id, projectId: pack.project_id }, logs);
    });
  }

  /** Makes files of the logs of these packs, as far as they are none yet. */
  async function makeAll(packs: readonly string[]): Promise<void> {
    if (packs.length === 0) return;
    const { rows } = await sql<PackRow>`
      select jobs.log_id as id, log_bytes as bytes, logs, task_id, project_id from jobs join tasks on tasks.id = task_id
      where log_id = ${anyOf(packs, "text")} ${PREPARED}`.execute(db);
    for (const pack of rows) {
      const made = making.get(pack.id) ?? makeFiles(pack).finally(() => making.delete(pack.id));
      making.set(pack.id, made);
      await made;
    }
  }

  return {
    /** Before a request is answered: makes files of the logs that it mentions. Costs nothing where it mentions none. */
    mentionedIn: (url: string, body: unknown): Promise<void> => makeAll(packsIn(url, body)),

    /** The same of logs that an answer is about. */
    make: (ids: readonly string[]): Promise<void> => makeAll(packsIn(ids.join(" "), undefined)),
  };
}
