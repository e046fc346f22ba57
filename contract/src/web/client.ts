import { type ClientOf, type ClientOptions, clientOf } from "../client.ts";
import calls from "../client-calls.json" with { type: "json" };
import type { ClientCall } from "../client-calls.ts";
import type { WebOperations } from "./operations.ts";

/** A method for every operation that the web UI calls beside the public API. */
export type WebClient = ClientOf<WebOperations>;

/** @param options `baseUrl`: of the public API, ending in `/v2`; the UI's is beside it */
export function createWebClient({ baseUrl, ...options }: ClientOptions): WebClient {
  // Made from the table of that type.
  const webCalls = calls.web as Record<keyof WebOperations, ClientCall>;
  return clientOf<WebOperations>(webCalls, { ...options, baseUrl: `${baseUrl.replace(/\/v2\/?$/, "")}/web` });
}
