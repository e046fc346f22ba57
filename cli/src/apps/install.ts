import { existsSync } from "node:fs";
import { ApiFailure, type Client } from "@causeway/contract/client";
import { DocumentError, formatProblem, loadLimitsIn, type Problem, pack, validate } from "@causeway/cwl";
import { CliError, EXIT } from "../exit.ts";
import type { ProjectName } from "../files/places.ts";

export interface Installed {
  /** `owner/project/name/revision`. */
  id: string;
  name: string;
  revision: number;
  /** What keeps the document from running: it is stored all the same. With file and line where they are known. */
  problems: string[];
  warnings: string[];
}

/**
 * Adds a local document as an app, or as the next revision of the app of that name.
 *
 * @throws CliError with every problem of a document that cannot be read, or put into one with all it refers to
 */
export async function install(
  client: Client,
  path: string,
  app: ProjectName & { name: string },
  note?: string,
): Promise<Installed> {
  const packed = await packedDocument(path);
  const document = { ...packed.document, ...(note === undefined ? {} : { "sbg:revisionNotes": note }) };
  const latest = await latestRevision(client, app);
  const raw =
    latest === undefined
      ? await client.createApp({ ...app, body: document })
      : await client.createAppRevision({ ...app, revision: latest + 1, body: document });
  const revision = latest === undefined ? 0 : latest + 1;
  const { errors, warnings } = await problemsOf(path, raw);
  return {
    id: `${app.owner}/${app.project}/${app.name}/${revision}`,
    name: typeof raw.label === "string" ? raw.label : app.name,
    revision,
    problems: errors,
    warnings: [...packed.warnings.map(formatProblem), ...warnings],
  };
}

async function packedDocument(path: string) {
  try {
    return await pack(path, { limits: loadLimitsIn(process.env) });
  } catch (error) {
    if (error instanceof DocumentError)
      throw new CliError(error.message, { exit: existsSync(path.split("#")[0]!) ? EXIT.failure : EXIT.notFound });
    throw error;
  }
}

/** What the platform says of the document; by file and line as far as the engine finds the same here. */
async function problemsOf(path: string, raw: { [key: string]: unknown }): Promise<{ errors: string[]; warnings: string[] }> {
  const told = (key: string) => [raw[key] ?? []].flat().map(String);
  const errors = told("sbg:validationErrors");
  const warnings = told("sbg:validationWarnings");
  if (errors.length === 0 && warnings.length === 0) return { errors, warnings };
  const here = await validate(path, { limits: loadLimitsIn(process.env) });
  const of = (severity: Problem["severity"]) => here.filter((problem) => problem.severity === severity).map(formatProblem);
  return {
    errors: errors.length > 0 && of("error").length > 0 ? of("error") : errors,
    warnings: of("warning").length > 0 ? of("warning") : warnings,
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
