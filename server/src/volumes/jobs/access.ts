import type { Sql, Tx } from "../../db/database.ts";
import { ApiError } from "../../http/errors.ts";
import { parseVolumeId, type VolumeAccess } from "../access.ts";
import type { SeenVolume, VolumePermission } from "../queries.ts";
import { JobEnded } from "./job-work.ts";
import { type JobTable, lockJob } from "./queries.ts";

interface JobOnVolume {
  user_id: string;
  volume_id: string;
  volume: string;
}

/**
 * The volume of a job, as long as the job's user may do with it what the job does.
 *
 * @throws ApiError `volumeJobVolumeGone`, also for who is no member of it any more; `volumeForbidden`, `volumeInactive`
 */
export async function requireForJob(
  volumes: VolumeAccess,
  job: JobOnVolume,
  permission: VolumePermission,
  sql?: Sql,
): Promise<SeenVolume> {
  const name = parseVolumeId(job.volume);
  const volume = name && (await volumes.see({ id: job.user_id }, name, sql));
  if (!volume || !Object.values(volume.rights).includes(true)) throw new ApiError("volumeJobVolumeGone");
  if (!volume.rights[permission]) throw new ApiError("volumeForbidden");
  if (!volume.active) throw new ApiError("volumeInactive");
  return volume;
}

/**
 * Takes a job and its volume as they are, for the transaction that ends the job well: the volume first, as whoever
 * deactivates it does, so that neither waits for the other for ever.
 *
 * @throws JobEnded; ApiError as `requireForJob`, of the rights in this moment
 */
export async function holdToEnd(
  tx: Tx,
  volumes: VolumeAccess,
  table: JobTable,
  job: JobOnVolume & { id: string },
  permission: VolumePermission,
): Promise<void> {
  await volumes.hold(tx, job.volume_id);
  if (!(await lockJob(tx, table, job.id))) throw new JobEnded();
  await requireForJob(volumes, job, permission, tx);
}
