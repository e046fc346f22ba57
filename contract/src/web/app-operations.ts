import { Type } from "typebox";
import { operation } from "../operation.ts";
import { AppView } from "./app-shapes.ts";

export const getAppView = operation({
  id: "getAppView",
  method: "GET",
  path: "/apps/{owner}/{project}/{name}/{revision}",
  tag: "web",
  summary: "Get an app's ports and graph; `latest` is a revision, too",
  params: Type.Object({
    owner: Type.String({ minLength: 1 }),
    project: Type.String({ minLength: 1 }),
    name: Type.String({ minLength: 1 }),
    revision: Type.String({ minLength: 1 }),
  }),
  status: 200,
  reply: AppView,
  errors: ["appNotFound", "appForbidden", "appMalformedId", "appRevisionNotInteger"],
});
