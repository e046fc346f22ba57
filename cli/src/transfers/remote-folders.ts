import type { Client } from "@causeway/contract";
import { ensureFolders } from "../files/places.ts";

/** A file or folder that is on the platform. */
export interface Child {
  readonly id: string;
  readonly name: string;
  readonly type: "file" | "folder";
  /** Bytes; none of folders. */
  readonly size: number | undefined;
}

/** Folders below one of the platform: each is made and listed at most once. */
export interface RemoteFolders {
  /** The id of the folder at these names, made where it is missing. */
  id(names: readonly string[]): Promise<string>;
  /** What of that name was in it when it was first asked for. */
  child(names: readonly string[], name: string): Promise<Child | undefined>;
}

export function remoteFolders(client: Client, top: string): RemoteFolders {
  const ids = new Map<string, Promise<string>>();
  const lists = new Map<string, Promise<Map<string, Child>>>();
  const once = <Value>(known: Map<string, Promise<Value>>, names: readonly string[], find: () => Promise<Value>) => {
    const key = names.join("/");
    const found = known.get(key) ?? find();
    known.set(key, found);
    return found;
  };
  const id = (names: readonly string[]): Promise<string> =>
    once(ids, names, async () =>
      names.length === 0 ? top : ensureFolders(client, await id(names.slice(0, -1)), names.slice(-1)),
    );
  return {
    id,
    async child(names, name) {
      const list = await once(lists, names, async () => childrenOf(client, await id(names)));
      return list.get(name);
    },
  };
}

async function childrenOf(client: Client, folder: string): Promise<Map<string, Child>> {
  const children = new Map<string, Child>();
  for await (const { id, name, type, size } of client.all.listFiles({ parent: folder, fields: "id,name,type,size" }))
    children.set(name, { id, name, type: type!, size });
  return children;
}
