import { EndpointList } from "@causeway/storage";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { Actor } from "../http/actor.ts";

/** A DRS service that users import objects of. */
export interface DrsHost {
  /** Of its API: `https://drs.example.org/ga4gh/drs/v1`. */
  api: URL;
  token: string | undefined;
  /** Who may import from it; undefined: everybody. */
  users: ReadonlySet<string> | undefined;
  /** What is connected to: the service, and where its objects lie. */
  endpoints: EndpointList;
  /** Certificates in PEM that are trusted beside the system's. */
  ca: string | undefined;
}

/** By the host of their `drs:` addresses. */
export type DrsHosts = ReadonlyMap<string, DrsHost>;

const VARIABLE = "CAUSEWAY_DRS_HOSTS";

const Hosts = Type.Record(
  Type.String(),
  Type.Object(
    {
      url: Type.Optional(Type.String({ pattern: "^https?://" })),
      token: Type.Optional(Type.String({ pattern: "^[\\x21-\\x7e]+$" })),
      users: Type.Optional(Type.Array(Type.String())),
      bytes: Type.Optional(Type.Array(Type.String())),
    },
    { additionalProperties: false },
  ),
);

/** What the setting says. @throws Error naming it when it cannot be read; what it holds is not repeated */
export function readDrsHosts(text: string, ca: string | undefined): DrsHosts {
  if (text === "") return new Map();
  const given = parsed(text);
  if (!Value.Check(Hosts, given)) {
    const [first] = Value.Errors(Hosts, given);
    throw new Error(`${VARIABLE}${first?.instancePath ?? ""} ${first?.message ?? "does not fit"}`);
  }
  return new Map(Object.entries(given).map(([name, host]) => [name.toLowerCase(), hostOf(name, host, ca)]));
}

function hostOf(name: string, { url, token, users, bytes = [] }: Static<typeof Hosts>[string], ca: string | undefined): DrsHost {
  const base = URL.parse(url ?? `https://${name}`);
  if (base === null || base.search !== "" || base.username !== "")
    throw new Error(`${VARIABLE}/${name}/url is no address of a service.`);
  const port = base.port === "" ? (base.protocol === "https:" ? 443 : 80) : Number(base.port);
  return {
    api: new URL(`${base.origin}${base.pathname.replace(/\/+$/, "")}/ga4gh/drs/v1`),
    token,
    users: users && new Set(users),
    endpoints: endpointsOf(name, [`${base.hostname}:${port}`, ...bytes]),
    ca,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its own words would repeat a part of the text, which holds tokens.
    throw new Error(`${VARIABLE} is no JSON.`);
  }
}

function endpointsOf(name: string, entries: readonly string[]): EndpointList {
  try {
    return new EndpointList(entries);
  } catch (error) {
    throw new Error(`${VARIABLE}/${name}: ${(error as Error).message}`);
  }
}

/** An object of a service: the host of its address, and its id. */
export interface DrsAddress {
  host: string;
  id: string;
}

/**
 * Reads `drs://host/id` (DRS 1.5 §Hostname-based DRS URIs): no port, no query, the id percent-encoded. Compact identifiers,
 * which have a colon, are none. Undefined when it is no such address.
 */
export function parseDrsUri(uri: string): DrsAddress | undefined {
  const match = /^drs:\/\/([a-z0-9._-]{1,253})\/([\x21-\x7e]{1,1000})$/i.exec(uri);
  const [, host = "", encoded = ""] = match ?? [];
  if (!match || /[/?#:\\]/.test(encoded)) return undefined;
  const id = decoded(encoded);
  return id === undefined || !isObjectId(id) ? undefined : { host: host.toLowerCase(), id };
}

/** Whether an id can be asked for, and kept. */
export const isObjectId = (id: string): boolean =>
  id !== "" && id !== "." && id !== ".." && id.length <= 1000 && !/\p{Cc}/u.test(id) && id.isWellFormed();

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The service of an address, when this user may import from it. */
export function hostFor(hosts: DrsHosts, { host }: DrsAddress, { username }: Pick<Actor, "username">): DrsHost | undefined {
  const found = hosts.get(host);
  return found?.users && !found.users.has(username) ? undefined : found;
}
