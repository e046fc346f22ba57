import { createHash } from "node:crypto";
import { rawJson } from "@causeway/cwl";
import { isRawJson } from "./exact-json.ts";

/** A CWL document as plain data. */
export type CwlObject = { [key: string]: unknown };

/** The keys that the server writes into a document; an uploader's values for them are dropped (apps.md §1.3). */
const SERVER_KEYS: ReadonlySet<string> = new Set([
  "id",
  "sbg:id",
  "sbg:revision",
  "sbg:revisionNotes",
  "sbg:modifiedOn",
  "sbg:modifiedBy",
  "sbg:createdOn",
  "sbg:createdBy",
  "sbg:project",
  "sbg:projectName",
  "sbg:latestRevision",
  "sbg:revisionsInfo",
  "sbg:contributors",
  "sbg:validationErrors",
  "sbg:validationWarnings",
  "sbg:appVersion",
  "sbg:sbgMaintained",
  "sbg:content_hash",
  "sbg:workflowLanguage",
  "sbg:image_url",
  "sbg:copyOf",
]);

/** The document as it is kept, without the server's keys, and the revision note that came with it. */
export function separateNotes(uploaded: CwlObject): { document: CwlObject; notes: string | null } {
  const kept = Object.entries(uploaded).filter(([key]) => !SERVER_KEYS.has(key));
  const notes = uploaded["sbg:revisionNotes"];
  return { document: Object.fromEntries(kept), notes: typeof notes === "string" ? notes : null };
}

/** The process that a document is: of a packed one (`$graph`) that with the id `main`. */
function mainProcess(document: CwlObject): CwlObject {
  const processes: unknown = document.$graph;
  if (!Array.isArray(processes)) return document;
  const main = processes.find((process) => /(^|#)main$/.test(String(process?.id)));
  return (main ?? processes[0] ?? document) as CwlObject;
}

/** The display name: the document's label, or the short name. */
export function labelOf(document: CwlObject, shortName: string): string {
  const { label } = mainProcess(document);
  return typeof label === "string" && label.trim() !== "" ? label : shortName;
}

/** What `GET /apps?q=` looks through: label, short name, toolkit, version, categories, tagline, description. */
export function wordsOf(document: CwlObject, shortName: string): string {
  const keys = ["label", "sbg:toolkit", "sbg:toolkitVersion", "sbg:categories", "sbg:tagline", "doc", "description"];
  const process = mainProcess(document);
  return [shortName, ...keys.map((key) => process[key] ?? document[key])]
    .flat()
    .filter((word) => typeof word === "string")
    .join("\n")
    .toLowerCase();
}

/** `a` and the SHA-256 of the document with its keys in order. */
export function contentHash(document: CwlObject): string {
  return `a${createHash("sha256").update(JSON.stringify(document, inOrder)).digest("hex")}`;
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return rawJson(String(value));
  if (typeof value !== "object" || value === null || Array.isArray(value) || isRawJson(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The CWL versions used anywhere in the document, its own first. */
export function cwlVersionsOf(document: CwlObject): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { cwlVersion, "sbg:appVersion": appVersions } = value as CwlObject;
    for (const version of [cwlVersion, appVersions].flat()) if (typeof version === "string") found.add(version);
    for (const child of Object.values(value)) visit(child);
  };
  visit(document);
  return [...found];
}
