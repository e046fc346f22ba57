import { openApi } from "@causeway/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "../http/app.ts";
import type { BodyLimits } from "../http/body-limits.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import { createStrictCalls, type StrictCalls } from "../http/strict-calls.ts";
import { openPageFiles, type PageFile } from "./page-files.ts";

/** The screens of the UI: it looks at the rest of the path itself. */
const SCREENS = ["/", "/sign-in", "/account", "/projects", "/projects/*", "/tasks/*", "/apps/*"];

const PAGE = { config: { access: "page" } } as const;

export interface WebOptions {
  /** Of the built UI. */
  folder: string;
  /** Where browsers send and fetch bytes directly, beside this platform. */
  byteOrigins: readonly string[];
}

/** The pages of the UI, and the address where documentation is as long as they are not built. */
export function pageRoutes(app: App, { folder, byteOrigins }: WebOptions): void {
  const files = openPageFiles(folder);
  const policy = policyOf(byteOrigins);
  for (const url of SCREENS) {
    app.get(url, PAGE, async (request, reply) => {
      const page = files.find("index.html");
      // Beside the API, where nothing is ever redirected (conventions.md §1).
      if (!page) return reply.redirect("/docs", 302);
      reply.header("cache-control", "no-cache").header("content-security-policy", policy);
      return send(page, request, reply);
    });
  }
  // What stands in a user's file is put into this page, which has no origin: see web/src/frame.ts.
  app.get("/frame", PAGE, async (request, reply) => {
    const page = files.find("frame.html");
    if (!page) throw new ApiError("notFound");
    reply.header("cache-control", "no-cache").header("content-security-policy", FRAME_POLICY);
    return send(page, request, reply);
  });
  app.get("/assets/*", PAGE, async (request, reply) => {
    const file = files.find(`assets/${(request.params as { "*": string })["*"]}`);
    if (!file) throw new ApiError("notFound");
    // Their names say what is in them.
    reply.header("cache-control", "public, max-age=31536000, immutable").header("content-security-policy", policy);
    // For the page without an origin; there is nothing secret in them.
    reply.header("access-control-allow-origin", "*");
    return send(file, request, reply);
  });
}

/** No script, style or frame that did not come from here as a file; nothing is asked of other hosts but bytes of files. */
const policyOf = (byteOrigins: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: ${byteOrigins.join(" ")}`.trim(),
    `connect-src 'self' ${byteOrigins.join(" ")}`.trim(),
    "worker-src 'self'",
    "frame-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

/** No script but the frame's own file, nothing fetched, no forms, no way out of the frame. */
const FRAME_POLICY =
  "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; font-src data:; " +
  "frame-ancestors 'self'";

function send({ type, bytes, brotli }: PageFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply
    .header("content-type", type)
    .header("vary", "accept-encoding")
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "same-origin")
    .header("cross-origin-opener-policy", "same-origin");
  if (brotli && /\bbr\b/.test(String(request.headers["accept-encoding"] ?? "")))
    return reply.header("content-encoding", "br").send(brotli);
  return reply.send(bytes);
}

/** What the UI calls beside the public API: registered in `add`, described at `/web/openapi.json`. */
export function webRoutes(
  app: App,
  { links, limits }: { links: Links; limits: BodyLimits },
  add: (calls: StrictCalls) => void,
): void {
  app.register(
    async (scope) => {
      scope.decorate("access", "token");
      const calls = createStrictCalls(scope, limits);
      add(calls);
      // A stream has no end that a program which tries all calls could wait for.
      const described = calls.served.filter(({ events }) => !events);
      scope.get("/openapi.json", PAGE, async (_request, reply) =>
        reply
          .header("content-type", "application/json;charset=UTF-8")
          .send(JSON.stringify(openApi(described, links.beside("/web")))),
      );
    },
    { prefix: "/web" },
  );
}
