import { parseUuid } from "@causeway/contract";
import type { FileAccess } from "../files/access.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { ProjectAccess } from "../projects/access.ts";

/** A place to search. */
export interface Location {
  projectId: string;
  folder: string;
  /** Whether that is the project's root: all files of the project lie below it. */
  isRoot: boolean;
}

const DEEPEST = 1000;

/**
 * Finds the place that a query names: `/Projects/<id>[/folder…]`, `owner/project[/folder…]`, or `/Project/name` for a
 * project of the actor's own (files.md §6).
 *
 * @throws ApiError `searchLocationNotFound`, `searchForbidden`
 */
export async function findLocation(actor: Actor, text: string, projects: ProjectAccess, access: FileAccess): Promise<Location> {
  const missing = () => new ApiError("searchLocationNotFound", `Nothing is at \`${text}\`.`);
  if (text.includes("\0") || !text.isWellFormed()) throw missing();
  const [, prefixed, rest = ""] = /^(\/?projects?\/)?\/?(.*?)\/*$/is.exec(text) ?? [];
  const names = rest.split("/");
  if (names.length > DEEPEST) throw missing();

  const id = parseUuid(names[0] ?? "");
  const known = [
    ...(id === undefined ? [] : [{ named: { id }, length: 1 }]),
    ...(names[0] && names[1] ? [{ named: { owner: names[0], project: names[1] }, length: 2 }] : []),
    ...(prefixed && names[0] ? [{ named: { owner: actor.username, project: names[0] }, length: 1 }] : []),
  ];
  for (const { named, length } of known) {
    const project = await projects.see(actor, named);
    if (!project) continue;
    if (!project.permissions?.read) throw new ApiError("searchForbidden");
    let folder = project.root_folder;
    for (const name of names.slice(length)) {
      const child = await access.child(folder, name);
      if (child?.type !== "folder") throw missing();
      folder = child.id;
    }
    return { projectId: project.id, folder, isRoot: folder === project.root_folder };
  }
  throw missing();
}
