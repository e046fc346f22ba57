import { baseOf, type Entry } from "./file-value.ts";
import { showSource, sourceOf } from "./job-directories.ts";
import { JobError, type JobErrorKind } from "./job-error.ts";

/**
 * Refuses two different things of one name in a listing, with the secondary files of its entries (CWL v1.2 §Directory: a
 * name conflict is a fatal error; one of them would be lost). The same thing twice is there once.
 */
export function refuseNameConflicts(listing: readonly Entry[], kind: JobErrorKind, place: string): void {
  const names = new Map<string, unknown>();
  const note = (entry: Entry): void => {
    const name = entry.basename ?? baseOf(entry.path ?? decodeURIComponent(entry.location ?? ""));
    const source = sourceOf(entry);
    if (names.has(name) && names.get(name) !== source) {
      const both = `${showSource(names.get(name))} and ${showSource(source)}`;
      throw new JobError(kind, place, `two things in one directory are both named ${name}: ${both}`);
    }
    names.set(name, source);
    if (entry.class === "File") entry.secondaryFiles?.forEach(note);
  };
  listing.forEach(note);
}
