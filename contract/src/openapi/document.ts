import type { TObject, TSchema } from "typebox";
import { Ga4ghError } from "../drs/shapes.ts";
import { API_ERRORS, type ErrorKind, errorEnvelope, ga4ghError } from "../errors.ts";
import { ErrorBody } from "../general/shapes.ts";
import type { Operation } from "../operation.ts";
import { DEFAULT_LIMIT, MAX_LIMIT } from "../paging.ts";
import { type Components, createComponents, type PlainSchema } from "./schemas.ts";

/** An OpenAPI 3.1 document; what it holds is plain JSON. */
export interface OpenApiDocument {
  openapi: "3.1.0";
  info: { title: string; version: string; summary: string; description: string; license: { name: string; identifier: string } };
  servers: { url: string }[];
  tags: { name: string }[];
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, unknown>>;
  components: Record<string, Record<string, unknown>>;
}

/** Of the program, as its packages say it. */
export const VERSION = "0.1.0";

const DESCRIPTION = `An API that is wire-compatible with the Seven Bridges Platform API v2.

Calls that answer a thing or a list take \`fields\`: names to show, separated by commas; \`!name\` leaves one out, \`parent.child\`
reaches into objects, \`_all\` is everything. Without it a single thing comes whole, and the items of a list with the fields named there.

Unknown keys and parameters are ignored. Timestamps are UTC, \`YYYY-MM-DDTHH:MM:SSZ\`.`;

/**
 * The OpenAPI 3.1 document of these operations: those that a server serves. `baseUrl` is the public base URL, ending
 * in `/v2`.
 */
export function openApi(operations: readonly Operation[], baseUrl: string): OpenApiDocument {
  const components = createComponents();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const op of operations) {
    const methods = paths[op.path] ?? {};
    paths[op.path] = methods;
    methods[op.method.toLowerCase()] = describe(op, components, baseUrl);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Causeway",
      version: VERSION,
      summary: "A bioinformatics platform a lab runs itself",
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: baseUrl }],
    tags: [...new Set(operations.map((op) => op.tag))].map((name) => ({ name })),
    security: [{ token: [] }, { bearer: [] }],
    paths,
    components: {
      schemas: components.schemas(),
      headers: HEADERS,
      securitySchemes: {
        token: { type: "apiKey", in: "header", name: "X-SBG-Auth-Token" },
        bearer: { type: "http", scheme: "bearer" },
      },
    },
  };
}

const integerHeader = (description: string) => ({ description, schema: { type: "integer" } });

const HEADERS = {
  "X-Total-Matching-Query": integerHeader("How many items match in all."),
  "X-RateLimit-Limit": integerHeader("Requests a user may make in one window."),
  "X-RateLimit-Remaining": integerHeader("Requests left in this window."),
  "X-RateLimit-Reset": integerHeader("When the next window begins: Unix seconds."),
  "X-Request-Id": { description: "Names this request in the server's log.", schema: { type: "string" } },
};

function headersOf(op: Operation, ...more: (keyof typeof HEADERS)[]): Record<string, unknown> {
  const limits = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"] as const;
  const names = ["X-Request-Id", ...(op.anonymous ? [] : limits), ...more];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function describe(op: Operation, components: Components, baseUrl: string): Record<string, unknown> {
  const parameters = parametersOf(op, components);
  return {
    operationId: op.id,
    summary: op.summary,
    tags: [op.tag],
    ...(op.anonymous ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(op.body ? { requestBody: bodyOf(op, op.body, components) } : {}),
    responses: { [op.status]: successOf(op, components), ...failuresOf(op, components, baseUrl) },
  };
}

function parametersOf(op: Operation, components: Components): unknown[] {
  const inPath = [...op.path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => {
    const { description, ...schema } = components.inline(op.params?.properties[name] as TSchema);
    const slash = op.slashed?.includes(name) ? " May hold one slash." : "";
    return { name, in: "path", required: true, description: `${description ?? ""}${slash}`, schema };
  });
  const inQuery = op.query ? queryParameters(op.query, components) : [];
  return [...inPath, ...inQuery, ...(op.list ? listParameters(op.list) : [])];
}

function queryParameters(query: TObject, components: Components): unknown[] {
  return Object.entries(query.properties).map(([name, property]) => {
    const { description, ...schema } = components.inline(property);
    const common = { in: "query", required: query.required?.includes(name) ?? false, description };
    if ("x-dotted" in property) return { ...common, name: `${name}.{key}`, schema: schema.additionalProperties };
    return { ...common, name, schema };
  });
}

function listParameters({ fields, by }: NonNullable<Operation["list"]>): unknown[] {
  const limit = {
    name: "limit",
    in: "query",
    description: `Items of a page; more than ${MAX_LIMIT} counts as ${MAX_LIMIT}.`,
    schema: { type: "integer", minimum: 1, default: DEFAULT_LIMIT },
  };
  const offset = {
    name: "offset",
    in: "query",
    description: "Index of the first item.",
    schema: { type: "integer", minimum: 0, default: 0 },
  };
  const byDefault = fields === "all" ? "all" : fields.join(", ");
  const shown = {
    name: "fields",
    in: "query",
    description: `Fields to show of every item, separated by commas, or \`_all\`. Unless given: ${byDefault}.`,
    schema: { type: "string", examples: ["_all", "id,name", "!metadata"] },
  };
  return by === "token" ? [limit, shown] : [limit, offset, shown];
}

function bodyOf(op: Operation, body: TSchema, components: Components): unknown {
  const content = { schema: components.reference(body) };
  const required = op.bodyRequired ?? ("required" in body && (body.required as string[]).length > 0);
  const types = op.yaml ? ["application/json", "application/yaml"] : ["application/json"];
  return { required, content: Object.fromEntries(types.map((type) => [type, content])) };
}

function successOf(op: Operation, components: Components): unknown {
  if (!op.reply) return { description: "Done; there is no body.", headers: headersOf(op) };
  if (!op.list) {
    return { description: "Done.", headers: headersOf(op), content: json(components.reference(op.reply)) };
  }
  return {
    description: "One page.",
    headers: headersOf(op, "X-Total-Matching-Query"),
    content: json(pageOf(components.narrowed(op.reply))),
  };
}

const json = (schema: PlainSchema, more: object = {}) => ({ "application/json": { schema, ...more } });

const pageOf = (item: PlainSchema): PlainSchema => ({
  type: "object",
  required: ["href", "items", "links"],
  properties: {
    href: { type: "string", description: "This page." },
    items: { type: "array", items: item },
    links: { type: "array", items: { $ref: "#/components/schemas/PageLink" } },
  },
});

/** Every status the call can answer, with the errors behind it: its own, and those of every call like it. */
function failuresOf(op: Operation, components: Components, baseUrl: string): Record<string, unknown> {
  const kinds = new Set<ErrorKind>(op.errors);
  if (!op.anonymous) kinds.add("unauthorized");
  if (!op.anonymous && op.counted !== false) kinds.add("rateLimitExceeded");
  if (op.params || op.query || op.list || op.body) kinds.add("badRequest");
  if (op.body) kinds.add("undecodable").add("unsupportedMediaType");
  kinds.add("unexpected").add("maintenance");

  const byStatus = Map.groupBy(kinds, (kind) => API_ERRORS[kind].status);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, group]) => [
        status,
        {
          description: group.map((kind) => `${API_ERRORS[kind].code}: ${API_ERRORS[kind].message}`).join("\n\n"),
          headers: headersOf(op),
          content: json(components.reference(op.errorBody === "ga4gh" ? Ga4ghError : ErrorBody), {
            examples: Object.fromEntries(group.map((kind) => [kind, { value: errorBodyOf(op, kind, baseUrl) }])),
          }),
        },
      ]),
  );
}

const errorBodyOf = ({ errorBody }: Operation, kind: ErrorKind, baseUrl: string) =>
  errorBody === "ga4gh" ? ga4ghError(kind) : errorEnvelope(kind, baseUrl);
