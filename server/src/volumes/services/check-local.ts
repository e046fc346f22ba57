import { ApiError } from "../../http/errors.ts";
import { type Draft, required } from "./draft.ts";
import type { Service } from "./service-shape.ts";

/** A directory that an operator has declared (volumes.md §6.2). @throws ApiError `volumeServiceInvalid`, also for a property */
export function checkLocal(draft: Draft): Service {
  const { credentials, properties } = draft;
  const bucket = required(draft.bucket, "bucket");
  if (Object.keys(credentials).length > 0)
    throw new ApiError("volumeServiceInvalid", "A directory has no credentials: `service.credentials` must be left out.");
  const { symlinks } = properties;
  if (symlinks !== undefined && symlinks !== null && symlinks !== "deny" && symlinks !== "within_root")
    throw new ApiError("volumeServiceInvalidAgain", "`service.properties.symlinks` must be `deny` or `within_root`.");
  return { type: "LOCAL", bucket, prefix: draft.prefix ?? "", endpoint: "", credentials, properties };
}
