import type { Client } from "@causeway/contract";
import { appNamed } from "../files/places.ts";

/** The app of that id; without a revision the latest. */
export async function appOf(client: Client, id: string) {
  const { revision, ...app } = appNamed(id);
  return revision === undefined ? client.getApp(app) : client.getAppRevision({ ...app, revision });
}
