import { type Operation, openApi } from "@causeway/contract";
import type { FastifyReply } from "fastify";
import type { App } from "../http/app.ts";
import type { Links } from "../http/links.ts";
import { errorPage } from "./error-page.ts";
import { guideNames, guidePage } from "./guides.ts";
import { referencePage } from "./reference-page.ts";

/** No script runs on these pages, and nothing comes from elsewhere. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const PAGE = { config: { access: "page" } } as const;

/**
 * The API's description for machines at `/v2/openapi.json`, and for people at `/docs`, beside the guides
 * (`/docs/compatibility`, …). Anybody may read them.
 */
export function documentationRoutes(app: App, served: readonly Operation[], links: Links): void {
  // `actOnTask` only refuses; nobody calls it on purpose.
  const described = served.filter(({ id }) => id !== "actOnTask");
  const html = (reply: FastifyReply, page: string) =>
    reply.header("content-type", "text/html; charset=utf-8").header("content-security-policy", POLICY).send(page);

  app.get("/v2/openapi.json", { config: { access: "open" } }, async (_request, reply) =>
    reply
      .header("content-type", "application/json;charset=UTF-8")
      .header("access-control-allow-origin", "*")
      .send(JSON.stringify(openApi(described, links.baseUrl))),
  );
  const guides = guideNames();
  app.get("/docs", PAGE, async (_request, reply) => html(reply, referencePage(described, links.baseUrl, guides)));
  for (const guide of guides) app.get(`/docs/${guide}`, PAGE, async (_request, reply) => html(reply, guidePage(guide, guides)));
  app.get("/docs/api-status-codes", PAGE, async (request, reply) => {
    const { detail } = request.query as { detail?: string | string[] };
    return html(reply, errorPage([detail].flat()[0]));
  });
}
