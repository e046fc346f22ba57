import { timestamp } from "@causeway/contract";
import { Type } from "typebox";
import type { DivisionRow, DivisionService } from "../divisions/service.ts";
import type { App } from "../http/app.ts";
import { bodyOf } from "./body.ts";

const NewDivision = Type.Object(
  { id: Type.String({ minLength: 1 }), name: Type.String({ pattern: "\\S" }) },
  { additionalProperties: false },
);

/** Divisions: their users are made with `division` and `role` at `/operator/users`. */
export function operatorDivisions(scope: App, divisions: DivisionService): void {
  scope.get("/divisions", async () => ({ divisions: (await divisions.all()).map(present) }));
  scope.post("/divisions", async (request) => present(await divisions.create(bodyOf(request, NewDivision))));
}

const present = ({ id, name, created_at }: DivisionRow) => ({ id, name, created_on: timestamp(created_at) });
