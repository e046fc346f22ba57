import type { Operation } from "./operation.ts";

/** What a client must know of an operation to send a request: all of it but the shapes. */
export interface ClientCall {
  readonly method: Operation["method"];
  readonly path: string;
  /** Parameters of the path whose values have slashes. */
  readonly slashed?: readonly string[];
  /** Names of the parameters of the query. */
  readonly query?: readonly string[];
  /** For lists: how the next page is asked for. */
  readonly list?: "offset" | "token";
  /** Whether the body may be YAML. */
  readonly yaml?: true;
}

/** The calls of a table of operations, by their ids: plain data, in the order of the table. */
export function clientCallsOf(table: Readonly<Record<string, Operation>>): Record<string, ClientCall> {
  return Object.fromEntries(
    Object.entries(table).map(([id, { method, path, slashed, query, list, yaml }]) => {
      const names = Object.keys(query?.properties ?? {});
      const call: ClientCall = {
        method,
        path,
        ...(slashed && { slashed }),
        ...(names.length > 0 && { query: names }),
        ...(list && { list: list.by === "token" ? "token" : "offset" }),
        ...(yaml && { yaml }),
      };
      return [id, call];
    }),
  );
}
