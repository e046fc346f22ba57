import { Type } from "typebox";
import { Filled, OneOf } from "../forms.ts";
import { operation } from "../operation.ts";
import { ROLES, User, Username } from "./shapes.ts";

const UserPath = Type.Object({ username: Username });

export const getMe = operation({
  id: "getMe",
  method: "GET",
  path: "/user",
  tag: "users",
  summary: "Get the caller's user",
  status: 200,
  reply: User,
  errors: [],
});

export const getUser = operation({
  id: "getUser",
  method: "GET",
  path: "/users/{username}",
  slashed: ["username"],
  tag: "users",
  summary: "Get a user",
  params: UserPath,
  status: 200,
  reply: User,
  errors: ["userForbidden", "userNotFound"],
});

export const listUsers = operation({
  id: "listUsers",
  method: "GET",
  path: "/users",
  tag: "users",
  summary: "List the users of a division",
  query: Type.Object({
    division: Filled("The division's id."),
    role: Type.Optional(OneOf(ROLES, "Only users of this role.")),
  }),
  status: 200,
  reply: User,
  list: { fields: "all" },
  refusals: { "query/division": "divisionMissing" },
  errors: ["divisionMissing", "userForbidden", "userNotFound"],
});

export const deleteUser = operation({
  id: "deleteUser",
  method: "DELETE",
  path: "/users/{username}",
  slashed: ["username"],
  tag: "users",
  summary: "Remove a user from the division",
  params: UserPath,
  status: 204,
  errors: ["userForbidden", "userNotFound", "conflict"],
});
