import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import { decodeDocument } from "./document.ts";
import { presentApp, presentRaw } from "./present.ts";
import type { AppService, AppWithHistory } from "./service.ts";

export function appRoutes(calls: Calls, apps: AppService, links: Links): void {
  const raw = ({ app, history }: AppWithHistory) => presentRaw(app, history, links);
  const detail = (found: AppWithHistory) => presentApp(found.app, raw(found), links);
  const decode = { decode: decodeDocument };

  calls.serve(OPERATIONS.listApps, async ({ actor, query, page, fields }) => {
    // The documents are by far the largest part of a list, so they are read only for those who want them.
    const documents = fields.wants("raw");
    const { items, total } = await apps.list(actor, query, page, { documents });
    if (!documents) return { items: items.map((app) => presentApp(app, {}, links)), total };
    return { items: (await apps.withHistories(items as AppWithHistory["app"][])).map(detail), total };
  });
  calls.serve(OPERATIONS.getApp, async ({ actor, params }) => detail(await apps.get(actor, params)));
  calls.serve(OPERATIONS.getAppRevision, async ({ actor, params }) => detail(await apps.get(actor, params)));
  calls.serve(OPERATIONS.getAppRaw, async ({ actor, params }) => raw(await apps.get(actor, params)));
  calls.serve(OPERATIONS.getAppRevisionRaw, async ({ actor, params }) => raw(await apps.get(actor, params)));
  calls.serve(OPERATIONS.createApp, async ({ actor, params, body }) => raw(await apps.add(actor, params, body)), decode);
  calls.serve(OPERATIONS.createAppRevision, async ({ actor, params, body }) => raw(await apps.add(actor, params, body)), decode);
  calls.serve(OPERATIONS.copyApp, async ({ actor, params, body }) => detail(await apps.copy(actor, params, body)));
  calls.serve(OPERATIONS.copyAppRevision, async ({ actor, params, body }) => detail(await apps.copy(actor, params, body)));
  calls.serve(OPERATIONS.syncApp, async ({ actor, params }) => detail(await apps.sync(actor, params)));
}
