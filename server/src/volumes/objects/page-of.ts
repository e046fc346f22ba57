import { isFault, type ListFrom, type ObjectPage, type VolumeStore } from "@causeway/storage";

/** A page of a list. A folder that is not there is an empty one. */
export async function pageOf(store: VolumeStore, from: ListFrom, signal: AbortSignal): Promise<ObjectPage> {
  try {
    return await store.list(from, { signal });
  } catch (error) {
    if (isFault(error, "NoSuchObject")) return { objects: [], prefixes: [], skipped: 0 };
    throw error;
  }
}
