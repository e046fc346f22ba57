import * as billing from "./billing/operations.ts";
import * as general from "./general/operations.ts";
import type { Operation } from "./operation.ts";
import * as projects from "./projects/operations.ts";
import * as users from "./users/operations.ts";

/** Every call of the API by its id. A server serves those it has handlers for, and describes those (`openApi`). */
export const OPERATIONS = {
  // general
  getRoot: general.getRoot,
  getRateLimit: general.getRateLimit,
  sendFeedback: general.sendFeedback,
  // users
  getMe: users.getMe,
  getUser: users.getUser,
  listUsers: users.listUsers,
  deleteUser: users.deleteUser,
  // billing
  getBilling: billing.getBilling,
  listBillingGroups: billing.listBillingGroups,
  getBillingGroup: billing.getBillingGroup,
  // projects
  listProjects: projects.listProjects,
  listProjectsOfOwner: projects.listProjectsOfOwner,
  createProject: projects.createProject,
  getProject: projects.getProject,
  updateProject: projects.updateProject,
  deleteProject: projects.deleteProject,
  listMembers: projects.listMembers,
  addMember: projects.addMember,
  getMember: projects.getMember,
  removeMember: projects.removeMember,
  getMemberPermissions: projects.getMemberPermissions,
  changeMemberPermissions: projects.changeMemberPermissions,
  replaceMemberPermissions: projects.replaceMemberPermissions,
} as const satisfies Readonly<Record<string, Operation>>;

export type Operations = typeof OPERATIONS;
