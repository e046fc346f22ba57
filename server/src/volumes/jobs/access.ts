import { ApiError } from "../../http/errors.ts";
import type { VolumeAccess } from "../access.ts";
import type { SeenVolume, VolumePermission } from "../queries.ts";

/**
 * The volume of a job, as long as the job's user may do with it what the job does.
 *
 * @throws ApiError `volumeJobVolumeGone`, `volumeForbidden`, `volumeInactive`
 */
export async function requireForJob(
  volumes: VolumeAccess,
  job: { user_id: string; volume: string },
  permission: VolumePermission,
): Promise<SeenVolume> {
  try {
    return await volumes.requireActive({ id: job.user_id }, job.volume, permission);
  } catch (error) {
    if (error instanceof ApiError && error.kind === "volumeNotFound") throw new ApiError("volumeJobVolumeGone");
    throw error;
  }
}
