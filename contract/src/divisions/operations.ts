import { Type } from "typebox";
import { operation } from "../operation.ts";
import { Team } from "../teams/shapes.ts";
import { Division } from "./shapes.ts";

const DivisionPath = Type.Object({ division: Type.String({ description: "The division's id." }) });

export const listDivisions = operation({
  id: "listDivisions",
  method: "GET",
  path: "/divisions",
  tag: "divisions",
  summary: "List the caller's divisions",
  status: 200,
  reply: Division,
  list: { fields: "all" },
  errors: [],
});

export const getDivision = operation({
  id: "getDivision",
  method: "GET",
  path: "/divisions/{division}",
  tag: "divisions",
  summary: "Get a division",
  params: DivisionPath,
  status: 200,
  reply: Division,
  errors: ["userForbidden", "userNotFound"],
});

export const listDivisionTeams = operation({
  id: "listDivisionTeams",
  method: "GET",
  path: "/divisions/{division}/teams",
  tag: "divisions",
  summary: "List the teams of a division",
  params: DivisionPath,
  query: Type.Object({
    _all: Type.Optional(
      Type.Boolean({ description: "All teams of the division, not only the caller's.", "x-blank-absent": true }),
    ),
  }),
  status: 200,
  reply: Team,
  list: { fields: "all" },
  errors: ["userForbidden", "userNotFound"],
});
