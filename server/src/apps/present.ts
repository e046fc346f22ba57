import type { Links } from "../http/links.ts";
import type { CwlObject } from "./documents/facts.ts";
import type { AppRevision, RevisionNote } from "./queries.ts";

/** `owner/project/name/revision`: the public id, always with the revision. */
export const appIdOf = ({ project, name, revision }: Pick<AppRevision, "project" | "name" | "revision">): string =>
  `${project}/${name}/${revision}`;

/** The public shape of an app at one revision, without its document. */
export function presentApp(app: AppRevision, links: Links) {
  const id = appIdOf(app);
  return { href: links.to(`/apps/${id}`), id, project: app.project, name: app.label, revision: app.revision };
}

/** The keys that the server writes into a document (apps.md §1.3). `history` ends with this revision. */
export function serverKeys(app: AppRevision, history: readonly RevisionNote[], links: Links): CwlObject {
  const id = appIdOf(app);
  const first = history[0]!;
  return {
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
    // Ours, and only there when it says something.
    ...(app.validation_warnings.length === 0 ? {} : { "sbg:validationWarnings": app.validation_warnings }),
    "sbg:contributors": [...new Set(history.map(({ created_by }) => created_by))],
    "sbg:latestRevision": app.latest_revision,
    "sbg:revisionsInfo": history.map((entry) => ({
      "sbg:revision": entry.revision,
      "sbg:modifiedBy": entry.created_by,
      "sbg:modifiedOn": seconds(entry.created_at),
      "sbg:revisionNotes": entry.notes,
    })),
    "sbg:content_hash": app.content_hash,
    "sbg:workflowLanguage": "CWL",
    "sbg:image_url": null,
    ...(app.copy_of === null ? {} : { "sbg:copyOf": app.copy_of }),
  };
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1000);
