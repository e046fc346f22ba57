import { type ClientOf, type ClientOptions, clientOf } from "../client.ts";
import { OPERATOR_OPERATIONS, type OperatorOperations } from "./operations.ts";

/** A method for every operation of the operator's API, as {@link Client} has them for the public one. */
export type OperatorClient = ClientOf<OperatorOperations>;

/** @param options `baseUrl`: of the public API, ending in `/v2`; the operator's is beside it */
export function createOperatorClient({ baseUrl, ...options }: ClientOptions): OperatorClient {
  return clientOf(OPERATOR_OPERATIONS, { ...options, baseUrl: `${baseUrl.replace(/\/v2\/?$/, "")}/operator` });
}
