import { isFileName, isFolderName } from "../files/names/name-rules.ts";
import { ApiError } from "../http/errors.ts";
import { type DrsAddress, isObjectId, parseDrsUri } from "./hosts.ts";

/** A file or folder that a bundle becomes. */
export interface BundleEntry {
  /** Below the bundle's own folder: `runs/s1`, or `""`. */
  folder: string;
  name: string;
  /** Where its bytes are; undefined for a folder. */
  address: DrsAddress | undefined;
}

interface Contents {
  name?: unknown;
  id?: unknown;
  drs_uri?: unknown;
  contents?: unknown;
}

/**
 * What is in a bundle that was expanded, folders before what is in them (DRS 1.5, `ContentsObject`).
 *
 * @throws ApiError `drsBundleNameInvalid`, `drsBundleEntryInvalid`, `drsBundleTooLarge`, `drsBundleConflict`
 */
export function entriesOf(host: string, contents: readonly unknown[], atMost: number): BundleEntry[] {
  const entries: BundleEntry[] = [];
  const names = new Set<string>();
  const open: { folder: string; contents: readonly unknown[] }[] = [{ folder: "", contents }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { folder } = next;
    for (const given of next.contents) {
      if (entries.length === atMost)
        throw new ApiError(
          "drsBundleTooLarge",
          `At most ${atMost} files and folders may be in it (CAUSEWAY_DRS_BUNDLE_OBJECTS).`,
        );
      const {
        name,
        id,
        drs_uri: uris,
        contents: inside,
      } = (typeof given === "object" && given !== null ? given : {}) as Contents;
      const isFolder = Array.isArray(inside);
      if (typeof name !== "string" || !(isFolder ? isFolderName(name) : isFileName(name)))
        throw new ApiError("drsBundleNameInvalid", `In ${folder === "" ? "the bundle itself" : folder}.`);
      const path = folder === "" ? name : `${folder}/${name}`;
      if (names.has(path)) throw new ApiError("drsBundleConflict", path);
      names.add(path);
      const address = isFolder ? undefined : addressOf(host, id, uris);
      if (!isFolder && !address) throw new ApiError("drsBundleEntryInvalid", path);
      entries.push({ folder, name, address });
      if (isFolder) open.push({ folder: path, contents: inside });
    }
  }
  return entries;
}

/** An id is one of the bundle's own service; without it there is an address. */
function addressOf(host: string, id: unknown, uris: unknown): DrsAddress | undefined {
  if (typeof id === "string" && isObjectId(id)) return { host, id };
  const [uri] = Array.isArray(uris) ? uris : [];
  return typeof uri === "string" ? parseDrsUri(uri) : undefined;
}
