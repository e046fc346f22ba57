import { ApiFailure } from "@causeway/contract/client";
import { api } from "../../api/client.ts";
import { withRetries } from "./with-retries.ts";

/** Finds or makes folders below others, each once. */
export function createFolders() {
  const known = new Map<string, Promise<string>>();
  return {
    /** The id of the folder that lies at `path` below the folder `parent`. */
    at(parent: string, path: readonly string[], signal: AbortSignal): Promise<string> {
      if (path.length === 0) return Promise.resolve(parent);
      const key = [parent, ...path].join("/");
      const before = known.get(key);
      if (before) return before;
      const made = this.at(parent, path.slice(0, -1), signal).then((above) => folderIn(above, path.at(-1)!, signal));
      known.set(key, made);
      made.catch(() => known.delete(key));
      return made;
    },
  };
}

async function folderIn(parent: string, name: string, signal: AbortSignal): Promise<string> {
  try {
    return (await withRetries(() => api.createFolder({ body: { name, type: "folder", parent } }), signal)).id;
  } catch (error) {
    if (!(error instanceof ApiFailure && error.status === 409)) throw error;
    const { items } = await withRetries(() => api.listFiles({ parent, name: [name] }), signal);
    const [found] = items;
    if (found?.type !== "folder") throw error;
    return found.id;
  }
}
