import {
  type AppId,
  type BodyOf,
  type Operations,
  type Page,
  parseAppId,
  parseProjectId,
  type QueryOf,
} from "@causeway/contract";
import type { CompiledDocument } from "@causeway/cwl";
import { type Database, type Tx, violates } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { AccessibleProject, ProjectAccess } from "../projects/access.ts";
import type { Permission } from "../projects/permissions.ts";
import { copyApp, syncApp } from "./copies.ts";
import { isCwl } from "./documents/check.ts";
import type { Documents, Received } from "./documents/documents.ts";
import type { AskedFor } from "./documents/threads.ts";
import { appIdOf } from "./present.ts";
import {
  type AppFilter,
  type AppRevision,
  type AppRow,
  findApp,
  findDocument,
  findRevision,
  findRevisionById,
  insertApp,
  insertRevision,
  listRevisions,
  lockApp,
  type NewRevision,
  type RevisionNote,
  revisionNotes,
} from "./queries.ts";

/** A revision with what its document needs to be shown: the revisions up to it. */
export interface AppWithHistory {
  app: AppRevision;
  history: RevisionNote[];
}

export type AppService = ReturnType<typeof createAppService>;

export function createAppService(db: Database, access: ProjectAccess, documents: Documents) {
  /** The app's project, if the actor may do this there; the errors are those of the apps block. */
  async function projectOf(
    actor: Actor,
    { owner, project }: AppId,
    permission: Permission,
  ): Promise<AccessibleProject | undefined> {
    const seen = await access.see(actor, { owner, project });
    if (!seen) return undefined;
    if (!seen.permissions?.[permission]) throw new ApiError("appForbidden");
    return seen as AccessibleProject;
  }

  async function appOf(actor: Actor, id: AppId, permission: Permission): Promise<AppRow> {
    const project = await projectOf(actor, id, permission);
    const app = project && (await findApp(db, project.id, id.name));
    if (!app) throw new ApiError("appNotFound");
    return app;
  }

  return {
    /**
     * Apps at their latest revision: of the actor's projects, of public ones, or of one project.
     *
     * @throws ApiError `projectNotFound`, `projectForbidden`, `appMalformedId`
     */
    async list(actor: Actor, query: () => QueryOf<Operations["listApps"]>, page: () => Page): Promise<Listed<AppRevision>> {
      const { project, project_owner, visibility, q, id } = query();
      const filter: AppFilter = {
        userId: actor.id,
        visibility: project !== undefined && visibility === undefined ? "project" : (visibility ?? "private"),
        terms: (q ?? []).flatMap((term) => term.split(/\s+/)).filter((term) => term !== ""),
        ...(project_owner === undefined ? {} : { owner: project_owner }),
        ...(id === undefined ? {} : { ids: id.map(appIdIn) }),
      };
      if (project !== undefined) filter.projectId = (await access.require(actor, parseProjectId(project)!, "read")).id;
      return listRevisions(db, filter, page());
    },

    /** One revision, the latest without a number. @throws ApiError `appNotFound`, `appForbidden` */
    async get(actor: Actor, id: AppId): Promise<AppWithHistory> {
      const app = await appOf(actor, id, "read");
      const revision = await findRevision(db, app.id, id.revision);
      if (!revision) throw new ApiError("appNotFound");
      return withHistory(revision);
    },

    /** As `get`, of an app that a request mentions in its body. @throws ApiError `appNotFound`, also to who may not read it */
    async mentioned(actor: Actor, id: AppId): Promise<AppWithHistory> {
      const project = await access.see(actor, id);
      if (!project?.permissions?.read) throw new ApiError("appNotFound");
      return this.get(actor, id);
    },

    /** The revisions of a list, each with its history. */
    withHistories,

    /** The document of a revision, as JSON text without the server's keys. */
    document: documentOf,

    /**
     * The engine's form of the revision with this internal id, also of an app that was deleted since.
     *
     * @throws DocumentError when the document cannot be run; Error when it is not CWL; ApiError `rateLimitExceeded` when too
     * many documents of who asks wait
     */
    compiled(revisionId: string, asked: AskedFor): Promise<CompiledDocument> {
      // Revisions never change, so what was compiled once holds.
      return documents.compiled(revisionId, asked, async () => {
        const revision = await revisionById(revisionId);
        if (!isCwl(revision.class)) throw new Error(`${revision.class} apps cannot be run, only CWL`);
        return { text: await documentOf(revision), uri: `app:${appIdOf(revision)}` };
      });
    },

    /** The revision with this internal id, also of an app that was deleted since: tasks keep the one they were made with. */
    revision: revisionById,

    /** Whether tasks can be made of the app. */
    isCwl: (app: AppRevision): boolean => isCwl(app.class),

    /**
     * Stores a document as the app's next revision; a broken one, too: its problems are listed with it. Without
     * `revision` the app must be new.
     *
     * @throws ApiError `projectNotFound`, `appForbidden`, `appExists` for a number that is taken, `appNotFound` for one of
     * an app that is not there, `badRequest` for one that leaves a gap
     */
    async add(actor: Actor, id: AppId, body: () => Received): Promise<AppWithHistory> {
      const project = await projectOf(actor, id, "write");
      if (!project) throw new ApiError("projectNotFound");
      const received = body();
      const existing = await findApp(db, project.id, id.name);
      const number = nextRevision(existing, id.revision);
      const revision = revisionOf(received, number, actor);
      const appId = await db
        .transaction()
        .execute((tx) => store(tx, existing?.id, { projectId: project.id, name: id.name }, revision));
      return withHistory((await findRevision(db, appId, number))!);
    },

    /**
     * Copies an app, or one revision of it, to a project (apps.md §2.6).
     *
     * @throws ApiError `appNotFound`, `appForbidden` of the source; as `copyApp` of the destination
     */
    async copy(actor: Actor, id: AppId, body: () => BodyOf<Operations["copyApp"]>): Promise<AppWithHistory> {
      const app = await appOf(actor, id, "copy");
      if (id.revision !== undefined && id.revision > app.latest_revision) throw new ApiError("appNotFound");
      const copyId = await copyApp({ db, access }, actor, { app, id }, body);
      return withHistory((await findRevision(db, copyId))!);
    },

    /**
     * Brings a copy up to its upstream (apps.md §2.7).
     *
     * @throws ApiError `appNotFound`, `appForbidden` of the copy; as `syncApp` of its upstream
     */
    async sync(actor: Actor, id: AppId): Promise<AppWithHistory> {
      const app = await appOf(actor, id, "write");
      await syncApp({ db, access }, actor, app);
      return withHistory((await findRevision(db, app.id))!);
    },
  };

  async function revisionById(id: string): Promise<AppRevision> {
    const revision = await findRevisionById(db, id);
    if (!revision) throw new Error("the app's revision is gone");
    return revision;
  }

  async function documentOf({ id }: AppRevision): Promise<string> {
    const text = await findDocument(db, id);
    if (text === undefined) throw new Error("the app's revision is gone");
    return text;
  }

  async function withHistory(app: AppRevision): Promise<AppWithHistory> {
    return (await withHistories([app]))[0]!;
  }

  async function withHistories(revisions: readonly AppRevision[]): Promise<AppWithHistory[]> {
    const notes = await revisionNotes(db, [...new Set(revisions.map(({ app_id }) => app_id))]);
    return revisions.map((app) => ({
      app,
      history: notes.get(app.app_id)!.filter(({ revision }) => revision <= app.revision),
    }));
  }
}

function appIdIn(text: string): AppId {
  const id = parseAppId(text);
  if ("refused" in id) throw new ApiError("appMalformedId", `${text} is no app id.`);
  return id;
}

/** The number that a new revision gets (apps.md §2.5). */
function nextRevision(existing: AppRow | undefined, asked: number | undefined): number {
  if (!existing) {
    if (asked !== undefined && asked > 0) throw new ApiError("appNotFound");
    return 0;
  }
  const next = existing.latest_revision + 1;
  if (asked === undefined || asked < next) throw new ApiError("appExists");
  if (asked > next) throw new ApiError("badRequest", `The next revision is ${next}.`);
  return next;
}

const revisionOf = (received: Received, revision: number, actor: Actor): NewRevision => ({
  revision,
  document: received.text,
  notes: received.notes,
  label: received.label,
  words: received.words,
  contentHash: received.contentHash,
  cwlVersions: received.cwlVersions,
  validationErrors: received.errors,
  validationWarnings: received.warnings,
  createdBy: actor.username,
});

/** Of two writers racing for a number exactly one gets it: the other runs into a unique index. */
async function store(
  tx: Tx,
  appId: string | undefined,
  app: { projectId: string; name: string },
  revision: NewRevision,
): Promise<string> {
  try {
    if (appId !== undefined) await lockApp(tx, appId);
    const id = appId ?? (await insertApp(tx, app));
    await insertRevision(tx, id, revision);
    return id;
  } catch (error) {
    if (violates(error, "apps_name") || violates(error, "app_revisions_app_id_revision_key")) throw new ApiError("appExists");
    throw error;
  }
}
