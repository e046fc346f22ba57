import { type AppId, type AppView, parseRevision, WEB_OPERATIONS } from "@causeway/contract";
import { DocumentError } from "@causeway/cwl";
import { ApiError } from "../http/errors.ts";
import type { StrictCalls } from "../http/strict-calls.ts";
import { appIdOf } from "./present.ts";
import { graphOf, imagesOf, inputView, outputView, runsOf } from "./process-view.ts";
import type { AppService } from "./service.ts";

/** Apps as the UI draws them. */
export function appViewRoutes(calls: StrictCalls, apps: AppService): void {
  calls.serve(WEB_OPERATIONS.getAppView, async ({ actor, params: { revision, ...named } }) => {
    const { app } = await apps.get(actor, { ...named, name: named.name.toLowerCase(), ...revisionOf(revision) });
    const about = { id: appIdOf(app), label: app.label, latest_revision: app.latest_revision };
    const nothing = { doc: "", runs: "" as const, inputs: [], outputs: [], graph: { nodes: [], edges: [] }, images: [] };
    if (!apps.isCwl(app)) return { ...about, ...nothing, problems: [] };
    try {
      const { process } = await apps.compiled(app.id, { user: actor.username });
      return {
        ...about,
        doc: process.doc ?? "",
        runs: runsOf(process),
        inputs: process.inputs.map(inputView),
        outputs: process.outputs.map(outputView),
        graph: graphOf(process),
        images: imagesOf(process),
        problems: [],
      };
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      return { ...about, ...nothing, problems: error.problems.map(presentProblem) };
    }
  });
}

function revisionOf(text: string): Pick<AppId, "revision"> {
  if (text === "latest") return {};
  const revision = parseRevision(text);
  if (typeof revision !== "number") throw new ApiError(revision.refused);
  return { revision };
}

const presentProblem = ({
  severity,
  file,
  line,
  column,
  message,
}: DocumentError["problems"][number]): AppView["problems"][number] => ({
  severity,
  file,
  line,
  column,
  message,
});
