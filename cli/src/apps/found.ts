import type { Client } from "@causeway/contract/client";
import { appNamed } from "../files/places.ts";

/** The app of that id; without a revision the latest. `process`: what a task of it runs. */
export async function appOf(client: Client, id: string) {
  const { revision, ...named } = appNamed(id);
  const app = await (revision === undefined ? client.getApp(named) : client.getAppRevision({ ...named, revision }));
  return { ...app, process: mainProcess(app.raw) };
}

/** The process that a document is: of a packed one (`$graph`) that with the id `main`, or its first. */
function mainProcess(document: { [key: string]: unknown }): { [key: string]: unknown } {
  const processes: unknown = document.$graph;
  if (!Array.isArray(processes)) return document;
  return processes.find((process) => /(^|[#/])main$/.test(String(process?.id))) ?? processes[0] ?? document;
}
