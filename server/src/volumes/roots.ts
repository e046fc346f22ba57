import { parseUuid } from "@causeway/contract";
import type { Database } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import { isInAnyTeam } from "./queries.ts";
import type { VolumeDeployment } from "./services/deployment.ts";
import type { Service } from "./services/service-shape.ts";

/**
 * Refuses a directory that its operator has not opened to the actor: as if it could not be read (volumes.md §6.2).
 *
 * @throws ApiError `volumeReadForbidden`
 */
export async function refuseOthersRoot(
  db: Database,
  actor: Actor,
  { type, bucket }: Service,
  { roots }: VolumeDeployment,
): Promise<void> {
  const allowed = type === "LOCAL" ? roots.get(bucket)?.allowed : undefined;
  if (!allowed) return;
  if (allowed.users.includes(actor.username)) return;
  if (actor.division && allowed.divisions.includes(actor.division.id)) return;
  const teams = allowed.teams.flatMap((id) => parseUuid(id) ?? []);
  if (teams.length > 0 && (await isInAnyTeam(db, actor.id, teams))) return;
  throw new ApiError("volumeReadForbidden", "This directory is not open to you.");
}
