import type { Tx } from "../../db/database.ts";
import { ApiError } from "../../http/errors.ts";
import { parseVolumeId, type VolumeAccess } from "../access.ts";
import type { SeenVolume, VolumePermission } from "../queries.ts";
import { JobEnded } from "./job-work.ts";
import { type JobTable, lockJob } from "./queries.ts";

/**
 * The volume of a job, as long as the job's user may do with it what the job does.
 *
 * @throws ApiError `volumeJobVolumeGone`, also for who is no member of it any more; `volumeForbidden`, `volumeInactive`
 */
export async function requireForJob(
  volumes: VolumeAccess,
  job: { user_id: string; volume: string },
  permission: VolumePermission,
): Promise<SeenVolume> {
  const actor = { id: job.user_id };
  try {
    return await volumes.requireActive(actor, job.volume, permission);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const isSeen = error.kind !== "volumeNotFound" && (await isMember(volumes, actor, job.volume));
    throw isSeen ? error : new ApiError("volumeJobVolumeGone");
  }
}

/** Whether the user may do anything at all on the volume. */
async function isMember(volumes: VolumeAccess, actor: { id: string }, id: string): Promise<boolean> {
  for (const permission of ["read", "copy", "write"] as const) {
    const found = await volumes.require(actor, parseVolumeId(id)!, permission).catch(() => undefined);
    if (found) return true;
  }
  return false;
}

/**
 * Takes a job and its volume as they are, for the transaction that ends the job well: the volume first, as whoever
 * deactivates it does, so that neither waits for the other for ever.
 *
 * @throws JobEnded; ApiError `volumeJobVolumeGone`, `volumeInactive`
 */
export async function holdToEnd(
  tx: Tx,
  volumes: VolumeAccess,
  table: JobTable,
  job: { id: string; volume_id: string },
): Promise<void> {
  const volume = await volumes.hold(tx, job.volume_id);
  if (!(await lockJob(tx, table, job.id))) throw new JobEnded();
  if (!volume) throw new ApiError("volumeJobVolumeGone");
  if (!volume.active) throw new ApiError("volumeInactive");
}
