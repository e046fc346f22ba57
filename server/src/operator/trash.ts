import { OPERATOR_OPERATIONS, timestamp } from "@causeway/contract";
import type { DeletedFile, FileTrash } from "../files/trash/trash.ts";
import { ApiError } from "../http/errors.ts";
import type { StrictCalls } from "../http/strict-calls.ts";
import type { DeletedProject, ProjectTrash } from "../projects/trash.ts";

/** Deleted things that can be restored. */
export interface Trash {
  projects: ProjectTrash;
  files: FileTrash;
}

/** What was deleted and can be restored: projects, and files and folders of projects that are there. */
export function operatorTrash(calls: StrictCalls, { projects, files }: Trash): void {
  const { listDeletedProjects, restoreProject, listDeletedFiles, restoreFile } = OPERATOR_OPERATIONS;
  calls.serve(listDeletedProjects, async () => ({ projects: (await projects.list()).map(presentProject) }));
  calls.serve(restoreProject, async ({ params, body: { short_name: shortName } }) => ({
    project: await projects.restore(params.id, shortName === undefined ? {} : { shortName }),
  }));

  calls.serve(listDeletedFiles, async ({ query: { project, ...others } }) => ({
    files: (await files.list(project, others)).map(presentFile),
  }));
  calls.serve(restoreFile, async ({ params, body: { since, ...others } }) =>
    files.restore(params.id, since === undefined ? others : { ...others, since: momentOf(since) }),
  );
}

function momentOf(text: string): Date {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw new ApiError("badRequest", "body/since is no moment.");
  return moment;
}

const presentProject = ({ id, project, name, deletedAt, restorableUntil }: DeletedProject) => ({
  id,
  project,
  name,
  deleted_on: timestamp(deletedAt),
  restorable_until: timestamp(restorableUntil),
});

const presentFile = ({ id, path, type, size, deletedAt, restorableUntil }: DeletedFile) => ({
  id,
  path,
  type,
  ...(size === null ? {} : { size }),
  deleted_on: timestamp(deletedAt),
  restorable_until: timestamp(restorableUntil),
});
