import { getCompileCacheDir } from "node:module";
import { sweepCaches, sweepTemporaryDirectories } from "@causeway/executors";
import { databaseUser, embeddedDirectory, endServerIn } from "../db/embedded.ts";
import { isClaimed } from "../running.ts";

/**
 * Removes what killed processes of this user have left in the temporary directory, with the database servers in it, and
 * what nobody has used for long of what is kept only to save time. Answers the directories that are gone.
 *
 * @param parents directories in which our programs also make temporary ones
 */
export async function sweepLeftBehind(parents: readonly string[] = []): Promise<string[]> {
  await sweepCaches([getCompileCacheDir()]);
  return sweepTemporaryDirectories({ parents, end: endDatabase, databaseUser: await databaseUser() });
}

/** The server of a platform or of tests whose temporary directory this is; one that is about to end by itself is left to that. */
async function endDatabase(directory: string): Promise<void> {
  if (isClaimed(directory)) return;
  for (const place of [directory, embeddedDirectory(directory)]) await endServerIn(place);
}
