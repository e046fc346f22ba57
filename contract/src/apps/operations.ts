import { Type } from "typebox";
import { ProjectPath } from "../forms.ts";
import { operation } from "../operation.ts";
import { APP_LIST_FIELDS, AppShape, CopyApp, RawApp } from "./shapes.ts";

const AppPath = Type.Object({
  owner: Type.String({ description: "Username or division.", minLength: 1 }),
  project: Type.String({ description: "The project's short name.", minLength: 1 }),
  name: Type.String({
    description: "The app's short name.",
    // Clients cut an all-digit last part off an id as its revision.
    pattern: "^(?=.*[A-Za-z_-])[A-Za-z0-9_-]+$",
    "x-lower": true,
    "x-form": "letters, digits, `-` and `_`, not digits alone",
  }),
});

const RevisionPath = Type.Object({
  ...AppPath.properties,
  revision: Type.Integer({ description: "The revision, from 0.", minimum: 0, maximum: 999_999_999 }),
});

const appRefusals = {
  "params/owner": "appProjectOwnerEmpty",
  "params/project": "appProjectEmpty",
  "params/project#missing": "appMalformedId",
  "params/name": "appMalformedId",
  "params/name#empty": "appNameEmpty",
} as const;
const revisionRefusals = {
  ...appRefusals,
  "params/revision": "appRevisionNotInteger",
  "params/revision#empty": "appRevisionEmpty",
} as const;

const appErrors = [
  "appForbidden",
  "appNotFound",
  "appMalformedId",
  "appNameEmpty",
  "appProjectOwnerEmpty",
  "appProjectEmpty",
] as const;
const revisionErrors = [...appErrors, "appRevisionEmpty", "appRevisionNotInteger"] as const;

export const listApps = operation({
  id: "listApps",
  method: "GET",
  path: "/apps",
  tag: "apps",
  summary: "List apps, each at its latest revision",
  query: Type.Object({
    project: Type.Optional(ProjectPath("Only apps of this project.")),
    project_owner: Type.Optional(Type.String({ description: "Only apps of this owner's projects.", "x-blank-absent": true })),
    visibility: Type.Optional(
      Type.Enum(["private", "public"], { description: "`private`: of the caller's projects; `public`: of public ones." }),
    ),
    q: Type.Optional(
      Type.Array(Type.String(), { description: "Terms; every one must be found somewhere in an app's words.", "x-whole": true }),
    ),
    id: Type.Optional(Type.Array(Type.String(), { description: "Only these apps; ids with or without a revision." })),
  }),
  status: 200,
  reply: AppShape,
  list: { fields: APP_LIST_FIELDS },
  refusals: {
    "query/project": "projectMalformedId",
    "query/project#empty": "appProjectEmpty",
    "query/visibility": "appVisibilityInvalid",
  },
  errors: [
    "appVisibilityInvalid",
    "appMalformedId",
    "appProjectEmpty",
    "projectMalformedId",
    "projectNotFound",
    "projectForbidden",
  ],
});

export const getApp = operation({
  id: "getApp",
  method: "GET",
  path: "/apps/{owner}/{project}/{name}",
  short: ["/apps/{owner}/{project}", "/apps/{owner}"],
  tag: "apps",
  summary: "Get an app at its latest revision",
  params: AppPath,
  status: 200,
  reply: AppShape,
  refusals: appRefusals,
  errors: appErrors,
});

export const getAppRevision = operation({
  id: "getAppRevision",
  method: "GET",
  path: "/apps/{owner}/{project}/{name}/{revision}",
  tag: "apps",
  summary: "Get an app at a revision",
  params: RevisionPath,
  status: 200,
  reply: AppShape,
  refusals: revisionRefusals,
  errors: revisionErrors,
});

export const getAppRaw = operation({
  id: "getAppRaw",
  method: "GET",
  path: "/apps/{owner}/{project}/{name}/raw",
  tag: "apps",
  summary: "Get the CWL document of an app at its latest revision",
  params: AppPath,
  status: 200,
  reply: RawApp,
  refusals: appRefusals,
  errors: appErrors,
});

export const getAppRevisionRaw = operation({
  id: "getAppRevisionRaw",
  method: "GET",
  path: "/apps/{owner}/{project}/{name}/{revision}/raw",
  tag: "apps",
  summary: "Get the CWL document of an app at a revision",
  params: RevisionPath,
  status: 200,
  reply: RawApp,
  refusals: revisionRefusals,
  errors: revisionErrors,
});

/** The document comes as JSON, as a JSON string that holds JSON or YAML, or as YAML (apps.md §2.5). */
const writeErrors = ["appExists", "projectNotFound", "undecodable", "unsupportedMediaType"] as const;

export const createApp = operation({
  id: "createApp",
  method: "POST",
  path: "/apps/{owner}/{project}/{name}/raw",
  tag: "apps",
  summary: "Add an app: its CWL document becomes revision 0",
  params: AppPath,
  body: RawApp,
  bodyRequired: true,
  yaml: true,
  status: 200,
  reply: RawApp,
  refusals: appRefusals,
  errors: [...appErrors, ...writeErrors],
});

export const createAppRevision = operation({
  id: "createAppRevision",
  method: "POST",
  path: "/apps/{owner}/{project}/{name}/{revision}/raw",
  tag: "apps",
  summary: "Add the next revision of an app",
  params: RevisionPath,
  body: RawApp,
  bodyRequired: true,
  yaml: true,
  status: 200,
  reply: RawApp,
  refusals: revisionRefusals,
  errors: [...revisionErrors, ...writeErrors],
});

const copyRefusals = {
  "body/project": "projectMalformedId",
  "body/project#missing": "appSourceProjectEmpty",
  "body/project#empty": "appSourceProjectEmpty",
} as const;
const copyErrors = [
  "appExists",
  "appNameEmpty",
  "appSourceEmpty",
  "appSourceProjectEmpty",
  "projectMalformedId",
  "projectNotFound",
  "projectForbidden",
] as const;

/** An empty app to copy has a number of its own. */
const sourceRefusals = { "params/name#empty": "appSourceEmpty" } as const;

export const copyApp = operation({
  id: "copyApp",
  method: "POST",
  path: "/apps/{owner}/{project}/{name}/actions/copy",
  tag: "apps",
  summary: "Copy an app to a project",
  params: AppPath,
  body: CopyApp,
  status: 200,
  reply: AppShape,
  refusals: { ...appRefusals, ...sourceRefusals, ...copyRefusals },
  errors: [...appErrors, ...copyErrors],
});

export const copyAppRevision = operation({
  id: "copyAppRevision",
  method: "POST",
  path: "/apps/{owner}/{project}/{name}/{revision}/actions/copy",
  tag: "apps",
  summary: "Copy a revision of an app to a project",
  params: RevisionPath,
  body: CopyApp,
  status: 200,
  reply: AppShape,
  refusals: { ...revisionRefusals, ...sourceRefusals, ...copyRefusals },
  errors: [...revisionErrors, ...copyErrors],
});

export const syncApp = operation({
  id: "syncApp",
  method: "POST",
  path: "/apps/{owner}/{project}/{name}/actions/sync",
  aliases: ["/apps/{owner}/{project}/{name}/{revision}/actions/sync"],
  tag: "apps",
  summary: "Bring a copied app up to what it was copied from",
  params: AppPath,
  status: 200,
  reply: AppShape,
  refusals: appRefusals,
  errors: appErrors,
});
