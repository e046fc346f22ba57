import type { JobLog, StoredLog } from "@causeway/agent";
import type { Database } from "../../db/database.ts";
import { type LogBytes, type PackedLogs, packLogs } from "../files/packed-logs.ts";
import type { TaskFiles } from "../files/task-files.ts";
import { asPlatformFault } from "../platform-fault.ts";
import { noteLogs } from "./job-queries.ts";

/** The logs of a job as its row says them at its end. */
export interface RowLogs {
  /** The id of each log that is a file, by its name. */
  logs: { [name: string]: string };
  packed: PackedLogs | undefined;
}

/**
 * Makes files of the logs of a job that are large, or are files already under these ids, and notes them in its row; packs
 * the others for its end.
 */
export async function storeLargeLogs(
  { db, files }: { db: Database; files: TaskFiles },
  of: { id: string; projectId: string; job: string },
  logs: readonly JobLog[],
  known: { readonly [name: string]: string },
): Promise<RowLogs> {
  const small: LogBytes[] = logs.flatMap((log) =>
    "base64" in log ? [{ name: log.name, bytes: Buffer.from(log.base64, "base64") }] : [],
  );
  const { packed, rest } = packLogs(small.filter(({ name }) => !(name in known)));
  const large = logs.filter((log) => "bytes" in log);
  const others = [...rest, ...small.filter(({ name }) => name in known)];
  if (large.length + others.length === 0) return { logs: { ...known }, packed };
  const stored = await Promise.all(
    others.map(async ({ name, bytes }): Promise<StoredLog> => ({ name, bytes: await files.put(bytes) })),
  );
  const ids = await asPlatformFault(() =>
    db.transaction().execute(async (tx) => {
      const kept = await files.keepLogs(tx, of, [...large, ...stored], known);
      await noteLogs(tx, of.id, of.job, kept);
      return kept;
    }),
  );
  return { logs: ids, packed };
}
