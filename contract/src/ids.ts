import type { ErrorKind } from "./errors.ts";

/** The forms of identifiers (conventions.md §11). */

/** A file, folder or root folder: 24 lower-case hex digits. Upper case is taken; undefined when it is no such id. */
export function parseFileId(text: string): string | undefined {
  return /^[0-9a-f]{24}$/i.test(text) ? text.toLowerCase() : undefined;
}

/** A task, team or billing group: a UUID in lower case. Upper case is taken; undefined when it is no such id. */
export function parseUuid(text: string): string | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : undefined;
}

/** `owner/short-name`; owner is a username or a division. */
export interface ProjectId {
  readonly owner: string;
  readonly project: string;
}

/** Reads `owner/short-name`: exactly two parts, neither empty. A trailing slash is ignored. */
export function parseProjectId(text: string): ProjectId | undefined {
  const [owner, project, ...more] = text.replace(/\/$/, "").split("/");
  return owner && project && more.length === 0 ? { owner, project } : undefined;
}

/** `owner/project/name` or `owner/project/name/7`; without a revision the latest is meant. */
export interface AppId {
  readonly owner: string;
  readonly project: string;
  readonly name: string;
  readonly revision?: number;
}

/** Reads an app's id as apps.md §1.1 describes it, or answers which error its form is. */
export function parseAppId(text: string): AppId | { refused: ErrorKind } {
  const parts = text.replace(/\/$/, "").split("/");
  if (parts.length !== 3 && parts.length !== 4) return { refused: "appMalformedId" };
  const [owner, project, name, revision] = parts;
  if (!owner) return { refused: "appProjectOwnerEmpty" };
  if (!project) return { refused: "appProjectEmpty" };
  if (!name) return { refused: "appNameEmpty" };
  if (!isAppName(name)) return { refused: "appMalformedId" };
  if (revision === undefined) return { owner, project, name: name.toLowerCase() };
  const number = parseRevision(revision);
  if (typeof number !== "number") return number;
  return { owner, project, name: name.toLowerCase(), revision: number };
}

/** A revision's number, an integer of at least 0, or which error its form is. */
export function parseRevision(text: string): number | { refused: ErrorKind } {
  if (text === "") return { refused: "appRevisionEmpty" };
  // Nine digits fit every 32-bit column; no app has more revisions.
  return /^\d{1,9}$/.test(text) ? Number(text) : { refused: "appRevisionNotInteger" };
}

/** Clients cut an all-digit last part off an id as its revision, so no app is named that way. */
function isAppName(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text) && !/^\d+$/.test(text);
}

/** The short name a project's name gives (conventions.md §11); it is never empty and never changes afterwards. */
export function projectShortName(name: string): string {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const hyphenated = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return hyphenated.slice(0, 100).replace(/-$/, "") || "project";
}

/** The short name to try at the given attempt, from 0: the plain one, then `_1`, `_2`, … for one that is taken. */
export function projectShortNameAt(name: string, attempt: number): string {
  const plain = projectShortName(name);
  return attempt === 0 ? plain : `${plain}_${attempt}`;
}
