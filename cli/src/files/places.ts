import { ApiFailure, type Client, parseAppId, parseFileId, parseProjectId } from "@causeway/contract/client";
import { CliError, EXIT } from "../exit.ts";
import { printable } from "../output/output.ts";

export type ProjectName = { owner: string; project: string };

/** `owner/project`. @throws CliError */
export function projectNamed(text: string): ProjectName {
  const id = parseProjectId(text);
  if (!id) throw new CliError(`${text} names no project; a project's name is owner/project.`, { exit: EXIT.usage });
  return { ...id };
}

/** `owner/project/app`, with or without a revision. @throws CliError */
export function appNamed(text: string): ProjectName & { name: string; revision?: number } {
  const id = parseAppId(text);
  if ("refused" in id) {
    const advice = "Names have letters, digits, - and _, and not digits alone.";
    throw new CliError(`${text} names no app; an app's name is owner/project/app or owner/project/app/revision.`, {
      exit: EXIT.usage,
      advice,
    });
  }
  return { ...id };
}

/**
 * The id of what `text` names: an id itself, or a path `owner/project/folder/file`; `owner/project` alone is the
 * project's root folder.
 *
 * @throws CliError when it is neither, or when nothing is there
 */
export async function fileIdOf(client: Client, text: string): Promise<string> {
  const id = parseFileId(text);
  if (id) return id;
  const { root, names } = await pathOf(client, text);
  let place = root;
  for (const [index, name] of names.entries()) {
    const found = await childOf(client, place, name);
    if (!found)
      throw notThere(
        text,
        name,
        text
          .split("/")
          .slice(0, 2 + index)
          .join("/"),
      );
    place = found;
  }
  return place;
}

/** The id of the folder that `text` names as for {@link fileIdOf}; the folders of a path are made where they are missing. */
export async function folderAt(client: Client, text: string): Promise<string> {
  const id = parseFileId(text);
  if (id) return id;
  const { root, names } = await pathOf(client, text);
  return ensureFolders(client, root, names);
}

function notThere(path: string, missing: string, folder: string): CliError {
  return new CliError(`${quoted(path)} does not exist: there is no ${quoted(missing)} in ${printable(folder)}.`, {
    exit: EXIT.notFound,
    advice: "`causeway file list` shows what is in a project or folder, and `causeway file mkdir` makes a folder.",
  });
}

async function pathOf(client: Client, text: string): Promise<{ root: string; names: string[] }> {
  const [owner, project, ...names] = text.replace(/\/+$/, "").split("/");
  if (!owner || !project) {
    throw new CliError(`${text} names no file; give an id or a path like owner/project/folder/file.`, { exit: EXIT.usage });
  }
  const { root_folder } = await client.getProject({ owner, project });
  return { root: root_folder, names };
}

const quoted = (text: string) => JSON.stringify(printable(text));

/** The id of a folder's child of that exact name. */
export async function childOf(client: Client, parent: string, name: string): Promise<string | undefined> {
  const { items } = await client.listFiles({ parent, name: [name], limit: 1 });
  return items[0]?.id;
}

/** Makes the folders of a path below a folder where they are missing, and answers the innermost one's id. */
export async function ensureFolders(client: Client, parent: string, names: readonly string[]): Promise<string> {
  let place = parent;
  for (const name of names) place = (await childOf(client, place, name)) ?? (await createFolder(client, place, name)).id;
  return place;
}

/** Makes a folder; another process may make the same one at this moment, and then it is not `isNew`. */
export async function createFolder(client: Client, parent: string, name: string): Promise<{ id: string; isNew: boolean }> {
  try {
    const { id } = await client.createFolder({ body: { name, type: "folder", parent } });
    return { id, isNew: true };
  } catch (error) {
    const existing = error instanceof ApiFailure && error.status === 409 ? await childOf(client, parent, name) : undefined;
    if (existing === undefined) throw error;
    return { id: existing, isNew: false };
  }
}
