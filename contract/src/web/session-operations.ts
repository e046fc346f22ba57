import { Type } from "typebox";
import { Answer } from "../forms.ts";
import { operation } from "../operation.ts";
import { OpenedLink, OpenLink, PasswordChange, Session, Sessions, SignIn } from "./session-shapes.ts";

export const getSession = operation({
  id: "getSession",
  method: "GET",
  path: "/session",
  tag: "web",
  summary: "Tell who is signed in",
  anonymous: true,
  status: 200,
  reply: Session,
  errors: [],
});

export const signIn = operation({
  id: "signIn",
  method: "POST",
  path: "/session",
  tag: "web",
  summary: "Sign in with a password; the session comes as a cookie",
  anonymous: true,
  body: SignIn,
  status: 200,
  reply: Session,
  errors: ["unauthorized", "forbidden", "rateLimitExceeded"],
});

export const signOut = operation({
  id: "signOut",
  method: "DELETE",
  path: "/session",
  tag: "web",
  summary: "End the session of the cookie",
  anonymous: true,
  status: 204,
  errors: ["forbidden"],
});

export const openLink = operation({
  id: "openLink",
  method: "POST",
  path: "/links/open",
  tag: "web",
  summary: "Open a link that works once",
  anonymous: true,
  body: OpenLink,
  status: 200,
  reply: OpenedLink,
  errors: ["notFound", "forbidden", "rateLimitExceeded"],
});

export const listSessions = operation({
  id: "listSessions",
  method: "GET",
  path: "/sessions",
  tag: "web",
  summary: "List the caller's sessions",
  status: 200,
  reply: Sessions,
  errors: [],
});

export const endSession = operation({
  id: "endSession",
  method: "DELETE",
  path: "/sessions/{session}",
  tag: "web",
  summary: "End a session of the caller's",
  params: Type.Object({ session: Type.String({ minLength: 1 }) }),
  status: 204,
  errors: ["notFound"],
});

export const changePassword = operation({
  id: "changePassword",
  method: "PUT",
  path: "/password",
  tag: "web",
  summary: "Set the caller's password, which ends the caller's other sessions",
  body: PasswordChange,
  status: 204,
  errors: ["forbidden", "rateLimitExceeded"],
});

export const renewOwnToken = operation({
  id: "renewOwnToken",
  method: "POST",
  path: "/token",
  tag: "web",
  summary: "Make a new token for the caller's scripts, which ends the old one",
  status: 200,
  reply: Answer({ token: Type.String({ description: "Shown this once." }) }),
  errors: [],
});
