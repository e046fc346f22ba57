import type { AppId, BodyOf, Operations } from "@causeway/contract";
import { parseProjectId } from "@causeway/contract";
import type { Database } from "../db/database.ts";
import { violates } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import { type ProjectAccess, projectIdOf } from "../projects/access.ts";
import { copyRevisions, highestUpstreamRevision } from "./copy-queries.ts";
import { type AppRow, findAppById, insertApp, lockApp, updateApp } from "./queries.ts";

/** Names of digits alone are taken for revisions by clients. */
const ALL_DIGITS = /^\d+$/;

/**
 * Copies an app to a project (apps.md §2.6) and answers the new app's internal id. `clone` and `clone_direct` bring the
 * whole history along, unless one revision was asked for; `direct` and `clone_direct` take later updates from the copied
 * app, the others from the one that it was copied from itself.
 *
 * @throws ApiError `projectNotFound`, `projectForbidden` of the destination; `appNameEmpty`, `appMalformedId`, `appExists`
 */
export async function copyApp(
  { db, access }: { db: Database; access: ProjectAccess },
  actor: Actor,
  source: { app: AppRow; id: AppId },
  body: () => BodyOf<Operations["copyApp"]>,
): Promise<string> {
  const given = body();
  const destination = await access.mentioned(actor, parseProjectId(given.project)!, "write");
  const name = shortNameOf(given.name ?? source.app.name);
  const strategy = given.strategy ?? "clone";
  const takesHistory = (strategy === "clone" || strategy === "clone_direct") && source.id.revision === undefined;
  const isDirect = strategy === "direct" || strategy === "clone_direct" || source.app.upstream === null;
  const revision = source.id.revision ?? source.app.latest_revision;
  const sourceId = `${source.id.owner}/${source.id.project}/${source.app.name}/${revision}`;
  try {
    return await db.transaction().execute(async (tx) => {
      const appId = await insertApp(tx, {
        projectId: destination.id,
        name,
        copiedFrom: { appId: source.app.id, revision },
        upstream: isDirect ? source.app.id : source.app.upstream!,
      });
      await copyRevisions(tx, {
        from: source.app.id,
        to: appId,
        name,
        first: takesHistory ? 0 : revision,
        last: revision,
        firstNumber: 0,
        ...(takesHistory ? {} : { notes: `Copy of ${sourceId}` }),
        createdBy: actor.username,
        isUpstream: isDirect,
      });
      await updateApp(tx, appId, { latest_revision: takesHistory ? revision : 0 });
      return appId;
    });
  } catch (error) {
    if (violates(error, "apps_name")) throw new ApiError("appExists", `${projectIdOf(destination)} has an app ${name} already.`);
    throw error;
  }
}

/** What the published platform makes of a name: `new copy of star` becomes `newcopyofstar`. */
function shortNameOf(name: string): string {
  const short = name.replace(/[^A-Za-z0-9_-]/g, "").toLowerCase();
  if (short === "") throw new ApiError("appNameEmpty");
  if (ALL_DIGITS.test(short)) throw new ApiError("appMalformedId", `${short} would be taken for a revision.`);
  return short;
}

/**
 * Appends to a copy what its upstream got since the last time (apps.md §2.7); its own revisions stay. Nothing new is no
 * error.
 *
 * @throws ApiError `badRequest` when the app is no copy; `appNotFound` when its upstream is gone, `appForbidden` when the
 * actor cannot read it any more
 */
export async function syncApp({ db, access }: { db: Database; access: ProjectAccess }, actor: Actor, app: AppRow): Promise<void> {
  if (app.upstream === null) throw new ApiError("badRequest", "The app is no copy: there is nothing to take updates from.");
  const upstream = await findAppById(db, app.upstream);
  const project = upstream && (await access.see(actor, { id: upstream.project_id }));
  if (!upstream || !project) throw new ApiError("appNotFound", "The app that this one takes updates from is gone.");
  if (!project.permissions?.read) throw new ApiError("appForbidden");
  await db.transaction().execute(async (tx) => {
    const locked = await lockApp(tx, app.id);
    if (!locked) throw new ApiError("appNotFound");
    const taken = await highestUpstreamRevision(tx, app.id);
    const count = upstream.latest_revision - taken;
    if (count <= 0) return;
    await copyRevisions(tx, {
      from: upstream.id,
      to: app.id,
      name: app.name,
      first: taken + 1,
      last: upstream.latest_revision,
      firstNumber: locked.latest_revision + 1,
      createdBy: actor.username,
      isUpstream: true,
    });
    await updateApp(tx, app.id, {
      latest_revision: locked.latest_revision + count,
      copied_from: upstream.id,
      copied_revision: upstream.latest_revision,
    });
  });
}
