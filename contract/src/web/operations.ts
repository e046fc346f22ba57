import type { Operation } from "../operation.ts";
import * as apps from "./app-operations.ts";
import * as sessions from "./session-operations.ts";
import * as tasks from "./task-operations.ts";

/**
 * What the web UI calls beside the public API, at `/web`: signing in, and what a screen shows that no call of the public
 * API answers. It takes a user's token or the cookie of a session. Unknown keys of a body are refused, as in the
 * operator's API.
 */
export const WEB_OPERATIONS = {
  getSession: sessions.getSession,
  signIn: sessions.signIn,
  signOut: sessions.signOut,
  openLink: sessions.openLink,
  listSessions: sessions.listSessions,
  endSession: sessions.endSession,
  changePassword: sessions.changePassword,
  renewOwnToken: sessions.renewOwnToken,
  getTaskGraph: tasks.getTaskGraph,
  getTaskJob: tasks.getTaskJob,
  watchTask: tasks.watchTask,
  watchProject: tasks.watchProject,
  getAppView: apps.getAppView,
} as const satisfies Readonly<Record<string, Operation>>;

export type WebOperations = typeof WEB_OPERATIONS;
