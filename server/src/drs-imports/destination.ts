import { parseProjectId } from "@causeway/contract";
import type { Sql } from "../db/database.ts";
import type { Destination, FileAccess } from "../files/access.ts";
import type { ActorId } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";

/**
 * The folder that an item goes to, when its user may write there. What the user may not read is as if it were not there.
 *
 * @throws ApiError `drsDestinationMissing`, `drsDestinationNotFound`, `drsDestinationForbidden`, `drsDestinationNotFolder`
 */
export async function destinationOf(
  access: FileAccess,
  actor: ActorId,
  { project = null, parent = null }: { project?: string | null; parent?: string | null },
  sql?: Sql,
): Promise<Destination> {
  if ((project === null) === (parent === null)) throw new ApiError("drsDestinationMissing", "Give one of the two.");
  if (project !== null && !parseProjectId(project)) throw new ApiError("drsDestinationNotFound");
  const named = parent === null ? { project: project! } : { parent };
  const found = await access.destination(actor, named, "drsDestinationNotFound", sql).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(error.kind === "parentNotFolder" ? "drsDestinationNotFolder" : "drsDestinationNotFound");
  });
  if (!found.permissions.write) throw new ApiError("drsDestinationForbidden");
  return found;
}
