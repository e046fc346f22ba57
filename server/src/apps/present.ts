import type { Links } from "../http/links.ts";
import type { CwlObject } from "./document.ts";
import type { AppRevision, ListedRevision, RevisionNote } from "./queries.ts";

/** `owner/project/name/revision`: the public id, always with the revision. */
export const appIdOf = ({ project, name, revision }: Pick<AppRevision, "project" | "name" | "revision">): string =>
  `${project}/${name}/${revision}`;

/** The public shape of an app at one revision. */
export function presentApp(app: ListedRevision, raw: CwlObject, links: Links) {
  const id = appIdOf(app);
  return {
    href: links.to(`/apps/${id}`),
    id,
    project: app.project,
    name: app.label,
    revision: app.revision,
    raw,
  };
}

/** The document with the keys that the server writes into it (apps.md §1.3). `history` ends with this revision. */
export function presentRaw(app: AppRevision, history: readonly RevisionNote[], links: Links): CwlObject {
  const id = appIdOf(app);
  const first = history[0]!;
  const { "sbg:publisher": publisher = "sbg", ...document } = withPortLists(app.document);
  return {
    ...document,
    id: links.to(`/apps/${id}/raw/`),
    "sbg:appVersion": app.cwl_versions,
    "sbg:id": id,
    "sbg:revision": app.revision,
    "sbg:revisionNotes": app.notes,
    "sbg:modifiedOn": seconds(app.created_at),
    "sbg:modifiedBy": app.created_by,
    "sbg:createdOn": seconds(first.created_at),
    "sbg:createdBy": first.created_by,
    "sbg:project": app.project,
    "sbg:projectName": app.project_name,
    "sbg:sbgMaintained": false,
    "sbg:validationErrors": app.validation_errors,
    "sbg:contributors": [...new Set(history.map(({ created_by }) => created_by))],
    "sbg:latestRevision": app.latest_revision,
    "sbg:revisionsInfo": history.map((entry) => ({
      "sbg:revision": entry.revision,
      "sbg:modifiedBy": entry.created_by,
      "sbg:modifiedOn": seconds(entry.created_at),
      "sbg:revisionNotes": entry.notes,
    })),
    "sbg:publisher": publisher,
    "sbg:content_hash": app.content_hash,
    "sbg:workflowLanguage": "CWL",
    "sbg:image_url": null,
    ...(app.copy_of === null ? {} : { "sbg:copyOf": app.copy_of }),
  };
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1000);

/**
 * Ports as lists of objects with `id` and `type`, which R's `input_matrix()` and many scripts read: an app that was
 * uploaded with the map form is shown with lists, which mean the same.
 */
function withPortLists(document: CwlObject): CwlObject {
  const listed = { ...document };
  for (const key of ["inputs", "outputs"]) {
    const ports = document[key];
    if (typeof ports !== "object" || ports === null || Array.isArray(ports)) continue;
    listed[key] = Object.entries(ports).map(([id, port]) => {
      const isPort = typeof port === "object" && port !== null && !Array.isArray(port);
      return isPort ? { id, ...port } : { id, type: port };
    });
  }
  return listed;
}
