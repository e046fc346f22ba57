import type { CwlVersion } from "../model.ts";
import type { Declared } from "./declared.ts";

/*
 * How documents of v1.0 and v1.1 differ from those of v1.2: the whole list, one function a rule. The changelogs meant are
 * "Introduction to the CWL Command Line Tool standard" (CLT) and "… Workflow standard" (WF) of v1.1 and v1.2.
 *
 * Fields that a version added are refused in older documents where each kind of mapping lists its fields (`since`).
 * Four rules can only be kept when a job runs, by the process's `cwlVersion`:
 * - CLT v1.2: `loadContents` of a file over 64 KiB fails; before, the text is cut;
 * - CLT v1.2: an array, object or number that a Dirent's `entry` gives is written as JSON; before, it is an error;
 * - CLT v1.2: an absolute `entryname` is allowed in a container that is required;
 * - CLT v1.1: `runtime.exitCode` exists in `outputEval`.
 */

const ORDER: readonly CwlVersion[] = ["v1.0", "v1.1", "v1.2"];

export function atLeast(version: CwlVersion, wanted: CwlVersion): boolean {
  return ORDER.indexOf(version) >= ORDER.indexOf(wanted);
}

/**
 * What holds for a process or step where nobody said otherwise, by its own version: a v1.2 tool in a v1.0 workflow keeps
 * the defaults of v1.2.
 */
export function withDefaults(declared: Declared, version: CwlVersion): Declared {
  return networkByDefault(listingByDefault(declared, version), version);
}

/** CLT v1.1, LoadListingRequirement: listings are loaded where asked for. Before, always and at any depth (v1.0 §Directory). */
function listingByDefault({ requirements, hints }: Declared, version: CwlVersion): Declared {
  if (atLeast(version, "v1.1") || requirements.loadListing) return { requirements, hints };
  return { requirements, hints: { loadListing: { loadListing: "deep_listing" }, ...hints } };
}

/** CLT v1.1, NetworkAccess: a tool has the network where it asks for it. Before, always. */
function networkByDefault({ requirements, hints }: Declared, version: CwlVersion): Declared {
  if (atLeast(version, "v1.1") || requirements.networkAccess) return { requirements, hints };
  return { requirements, hints: { networkAccess: { networkAccess: true }, ...hints } };
}

const CWLTOOL = "http://commonwl.org/cwltool#";
const ADOPTED: ReadonlyMap<string, string> = new Map([
  [`${CWLTOOL}LoadListingRequirement`, "LoadListingRequirement"],
  [`${CWLTOOL}InplaceUpdateRequirement`, "InplaceUpdateRequirement"],
  [`${CWLTOOL}TimeLimit`, "ToolTimeLimit"],
  [`${CWLTOOL}WorkReuse`, "WorkReuse"],
  [`${CWLTOOL}NetworkAccess`, "NetworkAccess"],
  ["http://arvados.org/cwl#ReuseRequirement", "WorkReuse"],
]);

/**
 * CLT v1.1 added ToolTimeLimit, WorkReuse, NetworkAccess, InplaceUpdateRequirement and LoadListingRequirement. v1.0
 * documents have them as extensions of the runners that had them first.
 *
 * @returns the name in the standard of an extension's IRI
 */
export function adoptedName(iri: string): string | undefined {
  return ADOPTED.get(iri);
}

/** CLT v1.1: `secondaryFiles` can say whether a file is required, by `{pattern, required}` or a final `?`. Before, `?` is part of the name. */
export function marksSecondaryFiles(version: CwlVersion): boolean {
  return atLeast(version, "v1.1");
}

/** CLT v1.1: `position` can be an expression. */
export function computesPosition(version: CwlVersion): boolean {
  return atLeast(version, "v1.1");
}

/** CLT v1.1: the `stdin` type. */
export function hasStdinType(version: CwlVersion): boolean {
  return atLeast(version, "v1.1");
}

/** CLT v1.1: `loadContents` stands in the port; that in `inputBinding` still counts, and is all that v1.0 has. */
export function loadsContents(port: boolean | undefined, binding: boolean | undefined): boolean | undefined {
  return port ?? binding;
}

/** CLT v1.2: amounts of ResourceRequirement may be fractions. */
export function hasFractions(version: CwlVersion): boolean {
  return atLeast(version, "v1.2");
}

/** CLT v1.2, §String interpolation: what a backslash means outside of expressions. */
export function escapesOf(version: CwlVersion): "v1.2" | "before v1.2" {
  return atLeast(version, "v1.2") ? "v1.2" : "before v1.2";
}
