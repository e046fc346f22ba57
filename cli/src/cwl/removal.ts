import { once } from "node:events";
import { readdirSync, rmSync } from "node:fs";
import { Worker } from "node:worker_threads";

/** Fewer entries are removed sooner than threads start. */
const FEW = 100;
/** A file system removes several trees at once nearly as fast as one: most of the time is waiting for it. */
const LANES = 4;

/** Removes a directory with the directories of a run's jobs in it, side by side where they are many. All is gone afterwards. */
export async function removeRun(directory: string): Promise<void> {
  const entries = readdirSync(directory).map((name) => `${directory}/${name}`);
  if (entries.length > FEW) {
    const lanes = Array.from({ length: LANES }, (_, lane) => entries.filter((_, index) => index % LANES === lane));
    await Promise.all(
      lanes.map(async (paths) => {
        const lane = new Worker(new URL("./removal-worker.ts", import.meta.url), { workerData: paths });
        // A lane that fails ends with an error and exits; the last call below does the rest, or says why not.
        lane.on("error", () => {});
        await once(lane, "exit");
      }),
    );
  }
  // What a lane could not remove is told here.
  rmSync(directory, { recursive: true, force: true });
}
