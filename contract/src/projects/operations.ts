import { Type } from "typebox";
import { Filled, OneOf, Texts } from "../forms.ts";
import { operation } from "../operation.ts";
import { ProjectPathParams, projectPathRefusals } from "./path.ts";
import {
  AddMember,
  CATEGORIES,
  ChangePermissions,
  CreateProject,
  Member,
  Permissions,
  PROJECT_LIST_FIELDS,
  Project,
  ReplacePermissions,
  UpdateProject,
} from "./shapes.ts";

const OwnerPath = Type.Object({ owner: Filled("Username or division; case matters.") });

const MemberPath = Type.Object({
  ...ProjectPathParams.properties,
  username: Filled("Username, id of a team, or division."),
});

const memberPathRefusals = { ...projectPathRefusals, "params/username": "memberUsernameEmpty" } as const;

const ProjectFilters = Type.Object({
  name: Type.Optional(Type.String({ description: "Part of the name; case does not matter.", "x-blank-absent": true })),
  tags: Type.Optional(Texts("Only projects that have all of these tags.")),
  category: Type.Optional(OneOf(CATEGORIES, "Only projects of this category.", { "x-blank-absent": true })),
});

export const listProjects = operation({
  id: "listProjects",
  method: "GET",
  path: "/projects",
  tag: "projects",
  summary: "List the caller's projects",
  query: ProjectFilters,
  status: 200,
  reply: Project,
  list: { fields: PROJECT_LIST_FIELDS },
  errors: [],
});

export const listProjectsOfOwner = operation({
  id: "listProjectsOfOwner",
  method: "GET",
  path: "/projects/{owner}",
  tag: "projects",
  summary: "List the caller's projects of one owner",
  params: OwnerPath,
  query: ProjectFilters,
  status: 200,
  reply: Project,
  list: { fields: PROJECT_LIST_FIELDS },
  refusals: { "params/owner": "projectOwnerEmpty" },
  errors: [],
});

const projectBodyRefusals = {
  "body/name": "projectNameEmpty",
  "body/billing_group": "billingGroupIdInvalid",
  "body/billing_group#empty": "projectBillingGroupEmpty",
  "body/type": "projectTypeInvalid",
  "body/type#empty": "projectTypeEmpty",
} as const;

export const createProject = operation({
  id: "createProject",
  method: "POST",
  path: "/projects",
  tag: "projects",
  summary: "Create a project",
  body: CreateProject,
  status: 200,
  reply: Project,
  refusals: projectBodyRefusals,
  errors: [
    "projectNameEmpty",
    "projectBillingGroupEmpty",
    "projectTypeEmpty",
    "projectTypeInvalid",
    "billingForbidden",
    "billingNotFound",
    "billingGroupIdInvalid",
    "billingGroupNotMember",
  ],
});

const projectErrors = ["projectForbidden", "projectNotFound", "projectMalformedId"] as const;

export const getProject = operation({
  id: "getProject",
  method: "GET",
  path: "/projects/{owner}/{project}",
  tag: "projects",
  summary: "Get a project",
  params: ProjectPathParams,
  status: 200,
  reply: Project,
  refusals: projectPathRefusals,
  errors: projectErrors,
});

export const updateProject = operation({
  id: "updateProject",
  method: "PATCH",
  path: "/projects/{owner}/{project}",
  tag: "projects",
  summary: "Change a project",
  params: ProjectPathParams,
  body: UpdateProject,
  status: 200,
  reply: Project,
  refusals: { ...projectPathRefusals, ...projectBodyRefusals },
  errors: [
    ...projectErrors,
    "projectNameEmpty",
    "projectBillingGroupEmpty",
    "projectTypeEmpty",
    "projectTypeInvalid",
    "billingForbidden",
    "billingNotFound",
    "billingGroupIdInvalid",
    "billingGroupNotMember",
  ],
});

export const deleteProject = operation({
  id: "deleteProject",
  method: "DELETE",
  path: "/projects/{owner}/{project}",
  tag: "projects",
  summary: "Delete a project and all that is in it",
  params: ProjectPathParams,
  status: 204,
  refusals: projectPathRefusals,
  errors: projectErrors,
});

export const listMembers = operation({
  id: "listMembers",
  method: "GET",
  path: "/projects/{owner}/{project}/members",
  tag: "projects",
  summary: "List a project's members",
  params: ProjectPathParams,
  status: 200,
  reply: Member,
  list: { fields: "all" },
  refusals: projectPathRefusals,
  errors: projectErrors,
});

export const addMember = operation({
  id: "addMember",
  method: "POST",
  path: "/projects/{owner}/{project}/members",
  tag: "projects",
  summary: "Add a member to a project",
  params: ProjectPathParams,
  body: AddMember,
  status: 200,
  reply: Member,
  refusals: {
    ...projectPathRefusals,
    "body/username": "memberUsernameEmpty",
    "body/permissions#missing": "permissionsEmpty",
    "body/permissions#empty": "permissionsEmpty",
  },
  errors: [...projectErrors, "memberUsernameEmpty", "permissionsEmpty", "projectExists", "userNotFound"],
});

export const getMember = operation({
  id: "getMember",
  method: "GET",
  path: "/projects/{owner}/{project}/members/{username}",
  slashed: ["username"],
  tag: "projects",
  summary: "Get a member of a project",
  params: MemberPath,
  status: 200,
  reply: Member,
  refusals: memberPathRefusals,
  errors: [...projectErrors, "memberUsernameEmpty"],
});

export const removeMember = operation({
  id: "removeMember",
  method: "DELETE",
  path: "/projects/{owner}/{project}/members/{username}",
  slashed: ["username"],
  tag: "projects",
  summary: "Remove a member from a project",
  params: MemberPath,
  status: 204,
  refusals: memberPathRefusals,
  errors: [...projectErrors, "memberUsernameEmpty", "conflict"],
});

export const getMemberPermissions = operation({
  id: "getMemberPermissions",
  method: "GET",
  path: "/projects/{owner}/{project}/members/{username}/permissions",
  slashed: ["username"],
  tag: "projects",
  summary: "Get the permissions of a member",
  params: MemberPath,
  status: 200,
  reply: Permissions,
  refusals: memberPathRefusals,
  errors: [...projectErrors, "memberUsernameEmpty"],
});

export const changeMemberPermissions = operation({
  id: "changeMemberPermissions",
  method: "PATCH",
  path: "/projects/{owner}/{project}/members/{username}/permissions",
  slashed: ["username"],
  tag: "projects",
  summary: "Change some permissions of a member",
  params: MemberPath,
  body: ChangePermissions,
  status: 200,
  reply: Permissions,
  refusals: { ...memberPathRefusals, "body#empty": "permissionsEmpty" },
  errors: [...projectErrors, "memberUsernameEmpty", "permissionsEmpty", "conflict"],
});

export const replaceMemberPermissions = operation({
  id: "replaceMemberPermissions",
  method: "PUT",
  path: "/projects/{owner}/{project}/members/{username}/permissions",
  slashed: ["username"],
  tag: "projects",
  summary: "Set all permissions of a member",
  params: MemberPath,
  body: ReplacePermissions,
  status: 200,
  reply: Permissions,
  refusals: {
    ...memberPathRefusals,
    "body/write#missing": "permissionsIncomplete",
    "body/read#missing": "permissionsIncomplete",
    "body/copy#missing": "permissionsIncomplete",
    "body/execute#missing": "permissionsIncomplete",
    "body/admin#missing": "permissionsIncomplete",
  },
  errors: [...projectErrors, "memberUsernameEmpty", "permissionsIncomplete", "conflict"],
});
