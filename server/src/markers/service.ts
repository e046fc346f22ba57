import { type BodyOf, type Operations, type Page, parseUuid, type QueryOf } from "@causeway/contract";
import type { Database } from "../db/database.ts";
import type { FileAccess } from "../files/access.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import { deleteMarker, findMarker, insertMarker, listMarkers, type MarkerRow, updateMarker } from "./queries.ts";

type Position = BodyOf<Operations["createMarker"]>["position"];

export type MarkerService = ReturnType<typeof createMarkerService>;

/**
 * Places on a genome that people mark in files (files.md §7). Who may read a file sees its shared markers and makes private
 * ones, which nobody else sees; shared ones are for those who may write.
 */
export function createMarkerService(db: Database, access: FileAccess) {
  return {
    /** The markers of a file that the actor sees, newest first. @throws ApiError `fileNotFound`, `fileForbidden` */
    async list(actor: Actor, query: () => QueryOf<Operations["listMarkers"]>, page: () => Page): Promise<Listed<MarkerRow>> {
      const file = await access.see(actor, query().file);
      return listMarkers(db, file.id, actor.id, page());
    },

    /** @throws ApiError `fileNotFound`; `fileForbidden` for a shared marker without the right to write; `badRequest` */
    async create(actor: Actor, body: () => BodyOf<Operations["createMarker"]>): Promise<MarkerRow> {
      const { file: id, name, chromosome, position, private: isPrivate = true } = body();
      const file = await access.mentioned(actor, id);
      if (!isPrivate && !file.permissions.write) throw new ApiError("fileForbidden");
      const marker = { file_id: file.id, name, chromosome, ...basesOf(position), private: isPrivate, created_by: actor.id };
      return find(actor, await insertMarker(db, marker));
    },

    /** @throws ApiError `notFound`, also for somebody else's private marker; `fileForbidden` */
    get: (actor: Actor, id: string): Promise<MarkerRow> => find(actor, id),

    /** @throws ApiError `notFound`; `fileForbidden` when it is or becomes shared and the actor may not write; `badRequest` */
    async update(actor: Actor, id: string, body: () => BodyOf<Operations["updateMarker"]>): Promise<MarkerRow> {
      const marker = await find(actor, id);
      await requireChange(actor, marker);
      const { position, ...change } = body();
      if (change.private === false) await requireChange(actor, { ...marker, private: false });
      // Made private, it is its creator's alone: nobody else can take it away from the others.
      if (change.private === true && !marker.private && marker.created_by !== actor.id) throw new ApiError("fileForbidden");
      const current = { start: marker.starts_at, end: marker.ends_at };
      await updateMarker(db, marker.id, { ...change, ...(position ? basesOf({ ...current, ...position }) : {}) });
      return find(actor, marker.id);
    },

    /** @throws ApiError `notFound`; `fileForbidden` when it is shared and the actor may not write */
    async delete(actor: Actor, id: string): Promise<void> {
      const marker = await find(actor, id);
      await requireChange(actor, marker);
      if (!(await deleteMarker(db, marker.id))) throw new ApiError("notFound");
    },
  };

  async function find(actor: Actor, text: string): Promise<MarkerRow> {
    const id = parseUuid(text);
    const marker = id === undefined ? undefined : await findMarker(db, id);
    if (!marker || (marker.private && marker.created_by !== actor.id)) throw new ApiError("notFound");
    await access.see(actor, marker.file_id, { missing: "notFound", hidden: "fileForbidden" });
    return marker;
  }

  async function requireChange(actor: Actor, marker: MarkerRow): Promise<void> {
    if (marker.private) return;
    const file = await access.see(actor, marker.file_id, { missing: "notFound", hidden: "fileForbidden" });
    if (!file.permissions.write) throw new ApiError("fileForbidden");
  }
}

function basesOf({ start, end }: Position): { starts_at: number; ends_at: number } {
  if (start < 0 || end < start || !Number.isSafeInteger(end)) {
    throw new ApiError("badRequest", "`position` must be a range: `start` is not negative, and `end` not before it.");
  }
  return { starts_at: start, ends_at: end };
}
