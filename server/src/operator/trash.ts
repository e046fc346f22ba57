import { timestamp } from "@causeway/contract";
import { Type } from "typebox";
import type { DeletedFile, FileTrash } from "../files/trash/trash.ts";
import type { App } from "../http/app.ts";
import { ApiError } from "../http/errors.ts";
import type { DeletedProject, ProjectTrash } from "../projects/trash.ts";
import { bodyOf, queryOf } from "./body.ts";

/** Deleted things that can be restored. */
export interface Trash {
  projects: ProjectTrash;
  files: FileTrash;
}

const ProjectRestoring = Type.Object(
  // When something else has taken the public id since.
  { short_name: Type.Optional(Type.String({ minLength: 1 })) },
  { additionalProperties: false },
);

const FileRestoring = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1 })),
    parent: Type.Optional(Type.String({ minLength: 1 })),
    // ISO 8601 with an offset. Of a folder: all below it that was deleted from then on.
    since: Type.Optional(Type.String({ format: "date-time" })),
  },
  { additionalProperties: false },
);

const FileQuery = Type.Object({
  project: Type.String({ description: "`owner/project`" }),
  name: Type.Optional(Type.String()),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  offset: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 }),
});

type OfId = { Params: { id: string } };

/** What was deleted and can be restored: projects, and files and folders of projects that are there. */
export function operatorTrash(scope: App, { projects, files }: Trash): void {
  scope.get("/trash/projects", async () => ({ projects: (await projects.list()).map(presentProject) }));
  scope.post<OfId>("/trash/projects/:id/restore", async (request) => {
    const { short_name } = bodyOf(request, ProjectRestoring, {});
    const project = await projects.restore(request.params.id, short_name === undefined ? {} : { shortName: short_name });
    return { project };
  });

  scope.get("/trash/files", async (request) => {
    const { project, ...others } = queryOf(request, FileQuery);
    return { files: (await files.list(project, others)).map(presentFile) };
  });
  scope.post<OfId>("/trash/files/:id/restore", async (request) => {
    const { since, ...others } = bodyOf(request, FileRestoring, {});
    return files.restore(request.params.id, since === undefined ? others : { ...others, since: momentOf(since) });
  });
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
