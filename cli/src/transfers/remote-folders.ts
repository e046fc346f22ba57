import type { Client } from "@causeway/contract/client";
import { childOf, createFolder } from "../files/places.ts";

/** A file or folder that is on the platform. */
export interface Child {
  readonly id: string;
  readonly name: string;
  readonly type: "file" | "folder";
  /** Bytes; none of folders. */
  readonly size: number | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Folders below one of the platform: each is made and listed at most once, however many ask at once. */
export interface RemoteFolders {
  /** The id of the folder at these names, made where it is missing. */
  id(names: readonly string[]): Promise<string>;
  /** What of that name was in it when it was first asked for. */
  child(names: readonly string[], name: string): Promise<Child | undefined>;
}

interface Folder {
  readonly id: string;
  /** Made by us, with nothing in it. */
  readonly isNew: boolean;
}

export function remoteFolders(client: Client, top: string): RemoteFolders {
  const folders = new Map<string, Promise<Folder>>();
  const lists = new Map<string, Promise<ReadonlyMap<string, Child>>>();
  const folder = (names: readonly string[]): Promise<Folder> =>
    once(folders, names, async () => {
      if (names.length === 0) return { id: top, isNew: false };
      const [parent, name] = [await folder(names.slice(0, -1)), names.at(-1)!];
      const there = parent.isNew ? undefined : await childOf(client, parent.id, name);
      return there === undefined ? createFolder(client, parent.id, name) : { id: there, isNew: false };
    });
  return {
    id: async (names) => (await folder(names)).id,
    async child(names, name) {
      const { id, isNew } = await folder(names);
      if (isNew) return undefined;
      return (await once(lists, names, () => childrenOf(client, id))).get(name);
    },
  };
}

function once<Value>(known: Map<string, Promise<Value>>, names: readonly string[], find: () => Promise<Value>): Promise<Value> {
  const key = names.join("/");
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}

async function childrenOf(client: Client, folder: string): Promise<ReadonlyMap<string, Child>> {
  const children = new Map<string, Child>();
  for await (const child of client.all.listFiles({ parent: folder, fields: "id,name,type,size,metadata" })) {
    const { id, name, type, size, metadata = {} } = child;
    children.set(name, { id, name, type: type!, size, metadata });
  }
  return children;
}
