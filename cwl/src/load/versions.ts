import type { CwlVersion } from "../model.ts";
import type { Declared } from "./requirements.ts";

/** Writes out what a v1.0 or v1.1 document means in v1.2 words. `declared`: what the process itself declares. */
export function modernize(declared: Declared, version: CwlVersion): Declared {
  if (version !== "v1.0") return declared;
  return deepListing(networkAllowed(declared));
}

/** v1.1 §LoadListingRequirement: listings are not loaded unless asked for; in v1.0 they always are, at any depth. */
function deepListing({ requirements, hints }: Declared): Declared {
  return { requirements, hints: { loadListing: { loadListing: "deep_listing" }, ...hints } };
}

/** v1.1 §NetworkAccess: tools have no network unless they ask for it; in v1.0 they do. */
function networkAllowed({ requirements, hints }: Declared): Declared {
  return { requirements, hints: { networkAccess: { networkAccess: true }, ...hints } };
}
