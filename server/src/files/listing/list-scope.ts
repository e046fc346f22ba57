import type { Operations, QueryOf } from "@causeway/contract";
import type { Actor } from "../../http/actor.ts";
import { ApiError } from "../../http/errors.ts";
import type { Destination, FileAccess } from "../access.ts";
import type { FileFilter } from "./list-query.ts";

const ORIGINS = ["task", "dataset"];

/**
 * The folder that a list is asked of, and what of it to show.
 *
 * @throws ApiError `fileProjectQueryMalformed` without a place, `destinationAmbiguous` with more than one; of the place;
 *   `badRequest` for an unknown origin
 */
export async function listedPlace(
  access: FileAccess,
  actor: Actor,
  { project, parent, dataset, ...filter }: QueryOf<Operations["listFiles"]>,
): Promise<{ folder: Destination; filter: FileFilter }> {
  const places = [project, parent, dataset].filter((place) => place !== undefined);
  if (places.length > 1) throw new ApiError("destinationAmbiguous");
  if (dataset !== undefined) throw new ApiError("notFound", "There are no data sets here.");
  if (project === undefined && parent === undefined) throw new ApiError("fileProjectQueryMalformed");
  const named = parent === undefined ? { project: project! } : { parent };
  const folder = await access.listed(actor, named);
  return { folder, filter: knownFilter(filter) };
}

function knownFilter({ origin, ...filter }: Omit<FileFilter, "origin"> & { origin?: Record<string, string[]> }): FileFilter {
  const unknown = Object.keys(origin ?? {}).find((key) => !ORIGINS.includes(key));
  if (unknown !== undefined)
    throw new ApiError(
      "badRequest",
      `\`origin.${unknown}\` is no filter: there are ${ORIGINS.map((key) => `\`origin.${key}\``).join(" and ")}.`,
    );
  return { ...filter, ...(origin ? { origin } : {}) };
}
