import { join } from "node:path";
import type { Logger } from "pino";
import { openBlobStore } from "../blob-store.ts";
import { poolOf } from "../db/connections.ts";
import { openDatabase } from "../db/database.ts";
import { embeddedDirectory, startEmbeddedPostgres } from "../db/embedded.ts";
import { migrate } from "../db/migrate.ts";
import { openPgNotifications } from "../db/pg-notifications.ts";
import { createSignedLinks, keepSecret } from "../http/signed-links.ts";
import { keepPrivate } from "../private-directories.ts";
import type { Settings } from "../settings.ts";
import { createBlobCache } from "../tasks/files/blob-cache.ts";
import type { Opened } from "./opened.ts";

/** Where everything is kept: database (started if it is the embedded one) with its newest schema, bytes, secrets. */
export type Stores = Awaited<ReturnType<typeof openStores>>;

export async function openStores(settings: Settings, logger: Logger, opened: Opened) {
  await keepPrivate(settings.dataDirectory);
  const postgres =
    settings.databaseUrl === ""
      ? await startEmbeddedPostgres(embeddedDirectory(settings.dataDirectory), {
          durable: settings.databaseDurable,
          endsWithUs: true,
          ...(settings.emptyClusters === "" ? {} : { emptyClusters: settings.emptyClusters }),
        })
      : undefined;
  postgres?.keepRunning((event, err) => logger.error({ err }, event));
  opened.push(() => postgres?.stop(), { always: true });
  const databaseUrl = postgres?.url ?? settings.databaseUrl;
  const database = openDatabase(databaseUrl, poolOf(settings.databaseConnections));
  opened.push(() => database.close());
  const { db } = database;
  await migrate(db, databaseUrl);
  const notifications = await openPgNotifications(databaseUrl);
  opened.push(() => notifications.close());

  const store = await openBlobStore(settings);
  const copies = createBlobCache(store, join(settings.dataDirectory, "copies"));
  const linkSecret = await keepSecret(join(settings.dataDirectory, "secrets", "links"));
  const signed = createSignedLinks(linkSecret);
  return { database, databaseUrl, db, notifications, store, copies, signed, linkSecret };
}
