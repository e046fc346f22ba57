import { type AppId, OPERATIONS, type Operation } from "@causeway/contract";
import { type Call, type CallOptions, type Calls, JsonText, type ReceivedBody } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import type { Documents, Received } from "./documents/documents.ts";
import type { Refused } from "./documents/messages.ts";
import { YAML_TYPES } from "./documents/upload.ts";
import { presentApp, serverKeys } from "./present.ts";
import type { AppService, AppWithHistory } from "./service.ts";

/** Documents of a page together: they are all in memory until they are sent, and others wait while they are put together. */
const PAGE_BYTES = 32 * 2 ** 20;

export interface AppRoutesDeps {
  apps: AppService;
  documents: Documents;
  links: Links;
}

/** @param uploads an uploaded document may be written in twice the bytes that it has: as a text in JSON */
export function appRoutes(calls: Calls, { apps, documents, links }: AppRoutesDeps, uploads: Pick<CallOptions, "body">): void {
  type AnyCall = Pick<Call<Operation>, "actor" | "fields" | "givenFields">;

  /** The text of an app, as far as it is asked for. */
  async function shown({ app, history }: AppWithHistory, { actor, givenFields }: AnyCall, as: "app" | "raw"): Promise<string> {
    return documents.present(actor.username, {
      text: await apps.document(app),
      serverKeys: serverKeys(app, history, links),
      app: as === "app" ? presentApp(app, links) : undefined,
      fields: givenFields,
    });
  }
  async function detail(found: AppWithHistory, call: AnyCall) {
    // The document is by far the largest part of an app, so it is read only for those who want it.
    return call.fields.wants("raw")
      ? new JsonText(await shown(found, call, "app"))
      : { ...presentApp(found.app, links), raw: {} };
  }
  const raw = async (found: AppWithHistory, call: AnyCall) => new JsonText(await shown(found, call, "raw"));

  calls.serve(OPERATIONS.listApps, async (call) => {
    const { items, total } = await apps.list(call.actor, call.query, call.page);
    if (!call.fields.wants("raw")) return { items: items.map((app) => ({ ...presentApp(app, links), raw: {} })), total };
    const bytes = items.reduce((sum, app) => sum + app.document_bytes, 0);
    if (items.length > 1 && bytes > PAGE_BYTES)
      throw new ApiError(
        "badRequest",
        `The documents of this page have ${bytes} bytes, and ${PAGE_BYTES} are sent: ask for a smaller \`limit\`, or without \`raw\`.`,
      );
    const texts: string[] = [];
    for (const found of await apps.withHistories(items)) texts.push(await shown(found, call, "app"));
    return { itemsText: `[${texts.join(",")}]`, total };
  });
  calls.serve(OPERATIONS.getApp, async (call) => detail(await apps.get(call.actor, call.params), call));
  calls.serve(OPERATIONS.getAppRevision, async (call) => detail(await apps.get(call.actor, call.params), call));
  calls.serve(OPERATIONS.getAppRaw, async (call) => raw(await apps.get(call.actor, call.params), call));
  calls.serve(OPERATIONS.getAppRevisionRaw, async (call) => raw(await apps.get(call.actor, call.params), call));
  const add = async (call: AnyCall & { params: AppId; received: unknown }) => {
    const received = call.received as Received | Refused;
    const found = await apps.add(call.actor, call.params, () => accepted(received));
    return raw(found, call);
  };
  calls.serve(OPERATIONS.createApp, add, { receive, ...uploads });
  calls.serve(OPERATIONS.createAppRevision, add, { receive, ...uploads });
  calls.serve(OPERATIONS.copyApp, async (call) => detail(await apps.copy(call.actor, call.params, call.body), call));
  calls.serve(OPERATIONS.copyAppRevision, async (call) => detail(await apps.copy(call.actor, call.params, call.body), call));
  calls.serve(OPERATIONS.syncApp, async (call) => detail(await apps.sync(call.actor, call.params), call));

  /** What can be read decides before anybody asks whether the app may be added; what it says, after. */
  async function receive({ actor, bytes, mediaType, params }: ReceivedBody): Promise<Received | Refused> {
    if (mediaType !== "" && mediaType !== "application/json" && !YAML_TYPES.has(mediaType))
      throw new ApiError("unsupportedMediaType", `The body is ${mediaType}; send application/json or application/yaml.`);
    const { owner, project, name: shortName = "", revision = "new" } = params;
    const uri = `app:${owner}/${project}/${shortName}/${revision}`;
    const received = await documents.receive(actor.username, { bytes, mediaType, uri, shortName: shortName.toLowerCase() });
    if ("refused" in received && received.refused === "undecodable") throw new ApiError("undecodable", received.detail);
    return received;
  }
}

function accepted(received: Received | Refused): Received {
  if ("refused" in received) throw new ApiError(received.refused, received.detail);
  return received;
}
