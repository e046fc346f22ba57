import { DRS_OPERATIONS, type DrsAccessesAsked, openApi } from "@causeway/contract";
import type { App } from "../http/app.ts";
import type { BodyLimits } from "../http/body-limits.ts";
import type { Links } from "../http/links.ts";
import { allowOf, answerOtherMethods } from "../http/other-methods.ts";
import { answerPreflight } from "../http/other-origins.ts";
import { createStrictCalls } from "../http/strict-calls.ts";
import { AUTHORIZATIONS, presentAccessUrls, presentObjects } from "./present.ts";
import type { DrsService } from "./service.ts";

/** The standard's own path, at the root of the host: `drs://host/id` leads there. */
const DRS = "/ga4gh/drs/v1";

const routeOf = (path: string): string => path.replace(/\{([^}]+)\}/g, ":$1");

/** The DRS service ({@link DRS_OPERATIONS}), described at `/ga4gh/drs/v1/openapi.json`. */
export function drsRoutes(app: App, drs: DrsService, { links, limits }: { links: Links; limits: BodyLimits }): void {
  app.register(
    async (scope) => {
      scope.decorate("access", "token");
      const methods = new Map(
        [...Map.groupBy(Object.values(DRS_OPERATIONS), ({ path }) => routeOf(path))].map(([url, operations]) => [
          url,
          new Set<string>(operations.map(({ method }) => method)),
        ]),
      );
      // A browser that asks whether a page may call asks in the same way as whoever asks how to be authorized.
      scope.addHook("preHandler", async (request, reply) => {
        if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return;
        const own = methods.get(request.routeOptions.url?.slice(DRS.length) ?? "");
        if (!own?.has("OPTIONS")) return;
        return answerPreflight(request, reply, allowOf(own));
      });

      const calls = createStrictCalls(scope, limits, "open");
      calls.serve(DRS_OPERATIONS.getDrsService, async () => drs.info());
      calls.serve(DRS_OPERATIONS.getDrsObject, ({ actor, params, query }) =>
        drs.object(actor, params.object, query.expand ?? false),
      );
      calls.serve(DRS_OPERATIONS.postDrsObject, ({ actor, params, body }) =>
        drs.object(actor, params.object, body.expand ?? false),
      );
      calls.serve(DRS_OPERATIONS.getDrsAuthorizations, async ({ params }) => ({
        drs_object_id: params.object,
        ...AUTHORIZATIONS,
      }));
      calls.serve(DRS_OPERATIONS.getDrsAccess, ({ actor, params }) => drs.accessUrl(actor, params.object, params.access));
      calls.serve(DRS_OPERATIONS.postDrsAccess, ({ actor, params }) => drs.accessUrl(actor, params.object, params.access));
      calls.serve(DRS_OPERATIONS.getDrsObjects, async ({ actor, query, body }) =>
        presentObjects(await drs.objects(actor, body.bulk_object_ids, query.expand ?? false)),
      );
      calls.serve(DRS_OPERATIONS.getDrsObjectsAuthorizations, async ({ body: { bulk_object_ids: ids } }) => {
        drs.refuseMany(ids.length);
        return {
          summary: { requested: ids.length, resolved: ids.length, unresolved: 0 },
          unresolved_drs_objects: [],
          resolved_drs_object: ids.map((id) => ({ drs_object_id: id, ...AUTHORIZATIONS })),
        };
      });
      calls.serve(DRS_OPERATIONS.getDrsAccesses, async ({ actor, body }) =>
        presentAccessUrls(await drs.accessUrls(actor, pairsOf(body))),
      );
      answerOtherMethods(scope, methods);

      scope.get("/openapi.json", { config: { access: "page" } }, async (_request, reply) =>
        reply
          .header("content-type", "application/json;charset=UTF-8")
          .send(JSON.stringify(openApi(calls.served, links.beside(DRS)))),
      );
    },
    { prefix: DRS },
  );
}

const pairsOf = ({ bulk_object_access_ids: asked }: DrsAccessesAsked) =>
  asked.flatMap(({ bulk_object_id: id, bulk_access_ids: accessIds }) => accessIds.map((accessId) => ({ id, accessId })));
