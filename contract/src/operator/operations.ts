import { Type } from "typebox";
import type { ErrorKind } from "../errors.ts";
import { type Operation, operation } from "../operation.ts";
import {
  Account,
  AccountChange,
  DeletedFile,
  DeletedFilesQuery,
  DeletedProject,
  FileRestoring,
  GivenFeedback,
  GroupChange,
  Maintenance,
  NewAccount,
  NewDivision,
  NewGroup,
  OperatedDivision,
  OperatedGroup,
  PriceChange,
  Prices,
  ProjectRestoring,
  RestoredFile,
  ShareWeight,
  StoredBytes,
  Weighted,
} from "./shapes.ts";

const named = <Name extends string>(name: Name) => Type.Object({ [name]: Type.String() } as Record<Name, Type.TString>);
const errors: readonly ErrorKind[] = [];

/** What every call of the operator's API has in common. */
const operate = <const O extends Omit<Operation, "tag" | "status" | "errors">>(op: O) =>
  operation({ ...op, tag: "operator", status: 200, errors });

/**
 * The operator's API, beside the public one at `/operator`: users, their tokens, divisions, billing, feedback, what was
 * deleted, maintenance. It takes the token of a platform administrator, has no rate limit, and works while the platform
 * is closed. Unknown keys of a body are refused here, unlike in the public API: nobody's client sends them.
 */
export const OPERATOR_OPERATIONS = {
  listAccounts: operate({
    id: "listAccounts",
    method: "GET",
    path: "/users",
    summary: "List all users",
    reply: Type.Object({ users: Type.Array(Account) }),
  }),
  createAccount: operate({
    id: "createAccount",
    method: "POST",
    path: "/users",
    summary: "Make a user; the token is shown this once",
    body: NewAccount,
    reply: Type.Object({ ...Account.properties, token: Type.String() }),
  }),
  changeAccount: operate({
    id: "changeAccount",
    method: "PATCH",
    path: "/users/{username}",
    summary: "Change what a user may do",
    params: named("username"),
    body: AccountChange,
    reply: Account,
  }),
  renewToken: operate({
    id: "renewToken",
    method: "POST",
    path: "/users/{username}/token",
    summary: "Give a user a new token, which ends the old one",
    params: named("username"),
    reply: Type.Object({ username: Type.String(), token: Type.String() }),
  }),
  listAllDivisions: operate({
    id: "listAllDivisions",
    method: "GET",
    path: "/divisions",
    summary: "List all divisions",
    reply: Type.Object({ divisions: Type.Array(OperatedDivision) }),
  }),
  createDivision: operate({
    id: "createDivision",
    method: "POST",
    path: "/divisions",
    summary: "Make a division; its users are made with `division` and `role`",
    body: NewDivision,
    reply: OperatedDivision,
  }),
  listAllGroups: operate({
    id: "listAllGroups",
    method: "GET",
    path: "/billing-groups",
    summary: "List all billing groups",
    reply: Type.Object({ billing_groups: Type.Array(OperatedGroup) }),
  }),
  createGroup: operate({
    id: "createGroup",
    method: "POST",
    path: "/billing-groups",
    summary: "Make a billing group",
    body: NewGroup,
    reply: OperatedGroup,
  }),
  changeGroup: operate({
    id: "changeGroup",
    method: "PATCH",
    path: "/billing-groups/{group}",
    summary: "Change a billing group",
    params: named("group"),
    body: GroupChange,
    reply: OperatedGroup,
  }),
  addPayer: operate({
    id: "addPayer",
    method: "PUT",
    path: "/billing-groups/{group}/members/{username}",
    summary: "Let a user charge a billing group",
    params: Type.Object({ group: Type.String(), username: Type.String() }),
    reply: OperatedGroup,
  }),
  removePayer: operate({
    id: "removePayer",
    method: "DELETE",
    path: "/billing-groups/{group}/members/{username}",
    summary: "Let a user charge a billing group no longer",
    params: Type.Object({ group: Type.String(), username: Type.String() }),
    reply: OperatedGroup,
  }),
  getPrices: operate({ id: "getPrices", method: "GET", path: "/prices", summary: "Get the price list", reply: Prices }),
  setPrices: operate({
    id: "setPrices",
    method: "PATCH",
    path: "/prices",
    summary: "Change the price list: what is given, instances by their names",
    body: PriceChange,
    reply: Prices,
  }),
  listWeights: operate({
    id: "listWeights",
    method: "GET",
    path: "/weights",
    summary: "List the weights that were set",
    reply: Type.Object({ weights: Type.Array(ShareWeight) }),
  }),
  setWeight: operate({
    id: "setWeight",
    method: "PUT",
    path: "/weights",
    summary: "Set how large a share of the machines is",
    body: ShareWeight,
    reply: ShareWeight,
  }),
  unsetWeight: operate({
    id: "unsetWeight",
    method: "DELETE",
    path: "/weights",
    summary: "Let a weight be 1 again; answers those that are still set",
    query: Weighted,
    reply: Type.Object({ weights: Type.Array(ShareWeight) }),
  }),
  listFeedback: operate({
    id: "listFeedback",
    method: "GET",
    path: "/feedback",
    summary: "List what users said last",
    reply: Type.Object({ feedback: Type.Array(GivenFeedback) }),
  }),
  listDeletedProjects: operate({
    id: "listDeletedProjects",
    method: "GET",
    path: "/trash/projects",
    summary: "List deleted projects that can be restored",
    reply: Type.Object({ projects: Type.Array(DeletedProject) }),
  }),
  restoreProject: operate({
    id: "restoreProject",
    method: "POST",
    path: "/trash/projects/{id}/restore",
    summary: "Restore a project; answers its `owner/project`",
    params: named("id"),
    body: ProjectRestoring,
    reply: Type.Object({ project: Type.String() }),
  }),
  listDeletedFiles: operate({
    id: "listDeletedFiles",
    method: "GET",
    path: "/trash/files",
    summary: "List one page of what was deleted in a project, the last first",
    query: DeletedFilesQuery,
    reply: Type.Object({ files: Type.Array(DeletedFile) }),
  }),
  restoreFile: operate({
    id: "restoreFile",
    method: "POST",
    path: "/trash/files/{id}/restore",
    summary: "Restore a file, or a folder with what was deleted with it",
    params: named("id"),
    body: FileRestoring,
    reply: RestoredFile,
  }),
  getStoredBytes: operate({
    id: "getStoredBytes",
    method: "GET",
    path: "/stored-bytes",
    summary: "Tell when the stored bytes were read, and which are damaged",
    reply: StoredBytes,
  }),
  checkStoredBytes: operate({
    id: "checkStoredBytes",
    method: "POST",
    path: "/stored-bytes/check",
    summary: "Read damaged bytes again, now",
    reply: StoredBytes,
  }),
  getMaintenance: operate({
    id: "getMaintenance",
    method: "GET",
    path: "/maintenance",
    summary: "Tell what is closed",
    reply: Maintenance,
  }),
  closeService: operate({
    id: "closeService",
    method: "PUT",
    path: "/maintenance/{service}",
    summary: "Close the platform or one service of it",
    params: named("service"),
    reply: Maintenance,
  }),
  openService: operate({
    id: "openService",
    method: "DELETE",
    path: "/maintenance/{service}",
    summary: "Open the platform or one service of it",
    params: named("service"),
    reply: Maintenance,
  }),
} as const;

export type OperatorOperations = typeof OPERATOR_OPERATIONS;
