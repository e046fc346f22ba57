import { OPERATOR_OPERATIONS, timestamp } from "@causeway/contract";
import type { DivisionRow, DivisionService } from "../divisions/service.ts";
import type { StrictCalls } from "../http/strict-calls.ts";

export function operatorDivisions(calls: StrictCalls, divisions: DivisionService): void {
  const { listAllDivisions, createDivision } = OPERATOR_OPERATIONS;
  calls.serve(listAllDivisions, async () => ({ divisions: (await divisions.all()).map(present) }));
  calls.serve(createDivision, async ({ body }) => present(await divisions.create(body)));
}

const present = ({ id, name, created_at }: DivisionRow) => ({ id, name, created_on: timestamp(created_at) });
