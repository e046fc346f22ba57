import { ApiFailure, type Client } from "@causeway/contract";
import type { ProjectName } from "../files/places.ts";
import { type CwlObject, pack } from "./pack.ts";

export interface Installed {
  /** `owner/project/name/revision`. */
  id: string;
  name: string;
  revision: number;
  /** What keeps the document from running: it is stored all the same. */
  problems: string[];
}

/** Adds a local document as an app, or as the next revision of the app of that name. */
export async function install(
  client: Client,
  path: string,
  app: ProjectName & { name: string },
  note?: string,
): Promise<Installed> {
  const document: CwlObject = { ...(await pack(path)), ...(note === undefined ? {} : { "sbg:revisionNotes": note }) };
  const latest = await latestRevision(client, app);
  const raw =
    latest === undefined
      ? await client.createApp({ ...app, body: document })
      : await client.createAppRevision({ ...app, revision: latest + 1, body: document });
  const revision = latest === undefined ? 0 : latest + 1;
  const problems = raw["sbg:validationErrors"];
  return {
    id: `${app.owner}/${app.project}/${app.name}/${revision}`,
    name: typeof raw.label === "string" ? raw.label : app.name,
    revision,
    problems: Array.isArray(problems) ? problems.map(String) : [],
  };
}

async function latestRevision(client: Client, app: ProjectName & { name: string }): Promise<number | undefined> {
  try {
    return (await client.getApp({ ...app, fields: "revision" })).revision;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return undefined;
    throw error;
  }
}

/** The app's short name that a file's name gives: `Read-Quality v2.cwl` is `read-quality-v2`. */
export function appNameOf(path: string): string {
  const plain = path
    .replace(/^.*\//, "")
    .replace(/\.(cwl|ya?ml|json)$/i, "")
    .toLowerCase();
  const name = plain.replace(/[^a-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "");
  // Clients take an all-digit name for a revision.
  return /[a-z_-]/.test(name) ? name : `app-${name}`;
}
