import type { ErrorKind, Operation } from "@causeway/contract";
import type { Database, Timestamp } from "../db/database.ts";
import { type PgNotifications, sendNotice } from "../db/pg-notifications.ts";
import { UNAVAILABLE } from "../http/outages.ts";

declare module "../db/database.ts" {
  interface Tables {
    closures: { service: string; since: Timestamp };
  }
}

/** The services an operator can close one by one, and what their calls answer then. */
export const SERVICES = {
  users: UNAVAILABLE.users,
  projects: UNAVAILABLE.projects,
  billing: UNAVAILABLE.billing,
  files: UNAVAILABLE.files,
  metadata: "metadataServiceUnavailable",
  apps: UNAVAILABLE.apps,
  tasks: UNAVAILABLE.tasks,
  uploads: UNAVAILABLE.uploads,
  search: UNAVAILABLE.search,
} as const satisfies Record<string, ErrorKind>;

export type Service = keyof typeof SERVICES;
const RETRY_AFTER_MS = 500;
/** Stands for every service at once. */
export const PLATFORM = "platform";

export type MaintenanceService = Awaited<ReturnType<typeof createMaintenanceService>>;

/**
 * Maintenance mode: closes the whole platform, or one service of it, until it is opened again. The state is in the
 * database, so it survives restarts; every process hears of a change at once.
 */
export async function createMaintenanceService(db: Database, notices: PgNotifications) {
  let closed = new Set<string>();
  const reload = async () => {
    const rows = await db.selectFrom("closures").select("service").execute();
    closed = new Set(rows.map(({ service }) => service));
  };
  // What was known stands while the database is away; it is read again until it answers.
  const reloadUntilDone = (): void => void reload().catch(() => setTimeout(reloadUntilDone, RETRY_AFTER_MS).unref());
  await notices.on("closures", reloadUntilDone);
  await reload();

  return {
    /**
     * The error that calls of this operation answer now; without one, whether the platform is closed. A service is closed
     * with all calls that stand on it: divisions and teams with users, bulk calls with files, metadata with what names it
     * among its errors.
     */
    closed(operation?: Pick<Operation, "tag" | "errors">): ErrorKind | undefined {
      if (closed.size === 0) return undefined;
      if (operation === undefined) return closed.has(PLATFORM) ? "maintenance" : undefined;
      const unavailable = UNAVAILABLE[operation.tag];
      if ([...closed].some((service) => SERVICES[service as Service] === unavailable)) return unavailable;
      return closed.has("metadata") && operation.errors.includes(SERVICES.metadata) ? SERVICES.metadata : undefined;
    },
    /** Whether one service is closed; asked by calls whose body says whether they use it (metadata of files). */
    isClosed: (service: Service): boolean => closed.has(service),
    /** What is closed now: `platform`, names of services, or nothing. */
    state: (): string[] => [...closed].sort(),
    async close(service: Service | typeof PLATFORM): Promise<void> {
      await db
        .insertInto("closures")
        .values({ service })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      await reload();
      await sendNotice(db, "closures");
    },
    async open(service: Service | typeof PLATFORM): Promise<void> {
      await db.deleteFrom("closures").where("service", "=", service).execute();
      await reload();
      await sendNotice(db, "closures");
    },
  };
}
