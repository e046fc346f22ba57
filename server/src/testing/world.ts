import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkReply } from "@causeway/contract";
import { makeTemporaryDirectory } from "@causeway/executors";
import pino, { type DestinationStream } from "pino";
import type { DivisionRole } from "../http/actor.ts";
import { readSettings, type Settings } from "../settings.ts";
import { createPlatform, type Platform } from "../wiring/platform.ts";
import { createTestDatabase } from "./database.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
  readonly body: any;
}

/** A whole platform of its own on a real database and disk, and people who use it over HTTP. */
export interface World {
  readonly platform: Platform;
  /** The public base URL, ending in `/v2`. */
  readonly url: string;
  /** The directory of this world's files. */
  readonly directory: string;
  /** A directory in which everybody can make volumes, writable ones too: their `bucket` is `share`. */
  readonly share: string;
  readonly settings: Settings;
  /**
   * The token of the user of that name, who is made on first mention: of `atlas/mira` in the division `atlas`, made too,
   * and with that role there. `admin` operates the platform.
   */
  token(user: string, role?: DivisionRole): Promise<string>;
  /** One request as `user` (`null`: without a token). `path` is below `/v2`, or absolute. `body` is sent as JSON. */
  send(method: string, user: string | null, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(user: string | null, path: string): Promise<Answer>;
  post(user: string | null, path: string, body?: unknown): Promise<Answer>;
  put(user: string | null, path: string, body?: unknown): Promise<Answer>;
  patch(user: string | null, path: string, body?: unknown): Promise<Answer>;
  delete(user: string | null, path: string): Promise<Answer>;
  /** A project of `owner`'s: its detail object. */
  // biome-ignore lint/suspicious/noExplicitAny: see Answer.
  project(owner: string, name?: string): Promise<any>;
  /** A file that `user` uploads to a project (`owner/name`) or a folder (its id): its detail object. */
  // biome-ignore lint/suspicious/noExplicitAny: see Answer.
  file(user: string, place: string, name: string, bytes?: string | Uint8Array): Promise<any>;
  close(): Promise<void>;
}

/**
 * Builds a world; `withWorld` is the usual way. Every answer is checked against its operation's shape. What it logs goes to
 * `log`, by default to stdout.
 */
export async function createWorld(overrides: Partial<Settings> = {}, log?: DestinationStream): Promise<World> {
  const directory = makeTemporaryDirectory("world");
  const temporary = makeTemporaryDirectory("share");
  const share = join(temporary, "share");
  await mkdir(share);
  const database = await createTestDatabase();
  const settings: Settings = {
    ...readSettings({}),
    port: 0,
    dataDirectory: directory,
    databaseUrl: database.url,
    databaseConnections: 17,
    rateLimit: 1_000_000,
    logLevel: "silent",
    // Where the machine of the tests has no container engine.
    isolation: "none",
    accessLog: process.env.CAUSEWAY_ACCESS_LOG ?? "",
    volumeRoots: JSON.stringify({ share: { path: share, mode: "RW" } }),
    // The tests' own servers, and nothing else.
    volumeEndpoints: "127.0.0.1",
    ...overrides,
  };
  const clear = async () => {
    await database.drop();
    await rm(directory, { recursive: true, force: true });
    await rm(temporary, { recursive: true, force: true });
  };
  const options = { level: process.env.TEST_LOG ?? settings.logLevel };
  const logger = log ? pino(options, log) : pino(options);
  const platform = await createPlatform(settings, logger).catch(async (error) => {
    await clear();
    throw error;
  });
  const strays: string[] = [];
  platform.app.addHook("onSend", async (request, reply, payload) => {
    const { operation } = request.routeOptions.config;
    // What a browser asks before a page may call stands beside all operations.
    if (!operation || request.headers["access-control-request-method"] !== undefined) return payload;
    const narrowed =
      /[?&]fields=(?!_all(&|$))/.test(request.url) || (operation.list !== undefined && !/[?&]fields=_all(&|$)/.test(request.url));
    const stray = checkReply(operation, reply.statusCode, typeof payload === "string" ? payload : "", narrowed);
    if (stray)
      strays.push(`${request.method} ${request.url} answered ${reply.statusCode}, which its operation does not allow: ${stray}`);
    return payload;
  });
  await platform.listen();
  const url = platform.links.baseUrl;
  const tokens = new Map<string, Promise<string>>();

  const world: World = {
    platform,
    url,
    directory,
    share,
    settings,
    token(user, role) {
      const known = tokens.get(user) ?? enroll(platform, user, role);
      tokens.set(user, known);
      return known;
    },
    async send(method, user, path, body, headers = {}) {
      const response = await fetch(path.startsWith("http") ? path : url + path, {
        method,
        headers: {
          "user-agent": "causeway-tests",
          ...(user === null ? {} : { "x-sbg-auth-token": await world.token(user) }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : ({ body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body) } as RequestInit)),
      });
      const text = await response.text();
      if (strays.length > 0) throw new Error(strays.join("\n"));
      const isJson = response.headers.get("content-type")?.startsWith("application/json");
      return {
        status: response.status,
        headers: response.headers,
        body: text === "" ? undefined : isJson ? JSON.parse(text) : text,
      };
    },
    get: (user, path) => world.send("GET", user, path),
    post: (user, path, body) => world.send("POST", user, path, body),
    put: (user, path, body) => world.send("PUT", user, path, body),
    patch: (user, path, body) => world.send("PATCH", user, path, body),
    delete: (user, path) => world.send("DELETE", user, path),
    async project(owner, name = "Reef") {
      const { status, body } = await world.post(owner, "/projects", { name });
      if (status !== 200) throw new Error(`could not make a project: ${JSON.stringify(body)}`);
      return body;
    },
    async file(user, place, name, bytes = `bytes of ${name}`) {
      const target = place.includes("/") ? { project: place } : { parent: place };
      const started = await world.post(user, "/upload/multipart", { ...target, name, size: Buffer.byteLength(bytes) });
      if (started.status !== 200) throw new Error(`could not start an upload: ${JSON.stringify(started.body)}`);
      const upload = `/upload/multipart/${started.body.upload_id}`;
      const part = await world.get(user, `${upload}/part/1`);
      const { headers } = await fetch(part.body.url, { method: "PUT", body: bytes as RequestInit["body"] });
      const parts = [{ part_number: 1, response: { headers: { ETag: headers.get("etag") } } }];
      const { status, body } = await world.post(user, `${upload}/complete`, { parts });
      if (status !== 200) throw new Error(`could not complete an upload: ${JSON.stringify(body)}`);
      return body;
    },
    async close() {
      await platform.close();
      await clear();
    },
  };
  return world;
}

async function enroll({ services }: Platform, user: string, role: DivisionRole = "MEMBER"): Promise<string> {
  const [division, username] = user.split("/") as [string, string?];
  if (username === undefined) return (await services.users.create({ username: user, isAdmin: user === "admin" })).token;
  if (!(await services.divisions.find(division))) await services.divisions.create({ id: division, name: `Division ${division}` });
  return (await services.users.create({ username, division, role })).token;
}

/** A test's story in a world of its own, which is gone afterwards. */
export function withWorld(story: (world: World) => Promise<void>, overrides: Partial<Settings> = {}): () => Promise<void> {
  return async () => {
    const world = await createWorld(overrides);
    try {
      await story(world);
    } finally {
      await world.close();
    }
  };
}
