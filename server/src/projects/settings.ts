import type { CreateProject } from "@causeway/contract";
import type { Static } from "typebox";
import { ApiError } from "../http/errors.ts";
import type { ProjectSettings } from "./tables.ts";

export type GivenSettings = NonNullable<Static<typeof CreateProject>["settings"]>;

/** The one place where this deployment keeps data and runs tasks. */
export const LOCATION = "local:main";

const DEFAULTS: ProjectSettings = {
  locked: false,
  controlled: false,
  location: LOCATION,
  use_interruptible_instances: true,
  use_memoization: false,
  use_elastic_disk: false,
  allow_network_access: true,
  intermediate_files: { retention: "LIMITED", duration: 24 },
};

/** A new project's settings. Any location is taken for ours: scripts from the vendor's platform send theirs. */
export function settingsOf(given: GivenSettings = {}): ProjectSettings {
  return { ...merge(DEFAULTS, given), location: LOCATION };
}

/**
 * A project's settings after a change: what is given replaces, inside `intermediate_files` too.
 *
 * @throws ApiError `badRequest` for another location, and for opening a controlled project again
 */
export function changedSettings(current: ProjectSettings, given: GivenSettings): ProjectSettings {
  if (given.location !== undefined && given.location !== current.location) {
    throw new ApiError("badRequest", "`settings.location` cannot be changed.");
  }
  if (current.controlled && given.controlled === false) {
    throw new ApiError("badRequest", "`settings.controlled` cannot be taken back.");
  }
  return merge(current, given);
}

function merge(current: ProjectSettings, given: GivenSettings): ProjectSettings {
  const { intermediate_files, ...others } = given;
  return {
    ...current,
    ...others,
    intermediate_files: { retention: "LIMITED", duration: intermediate_files?.duration ?? current.intermediate_files.duration },
  };
}
