import { type ClientOf, type ClientOptions, clientOf } from "../client.ts";
import calls from "../client-calls.json" with { type: "json" };
import type { ClientCall } from "../client-calls.ts";
import type { OperatorOperations } from "./operations.ts";

/** A method for every operation of the operator's API, as {@link Client} has them for the public one. */
export type OperatorClient = ClientOf<OperatorOperations>;

/** @param options `baseUrl`: of the public API, ending in `/v2`; the operator's is beside it */
export function createOperatorClient({ baseUrl, ...options }: ClientOptions): OperatorClient {
  // Made from the table of that type.
  const operatorCalls = calls.operator as Record<keyof OperatorOperations, ClientCall>;
  return clientOf<OperatorOperations>(operatorCalls, { ...options, baseUrl: `${baseUrl.replace(/\/v2\/?$/, "")}/operator` });
}
