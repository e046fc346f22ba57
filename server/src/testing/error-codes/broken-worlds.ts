import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { type Answer, createWorld, type World } from "../world.ts";
import type { ErrorCase } from "./error-case.ts";
import { createSeveredDatabase } from "./severed-database.ts";

/** Answers that need a platform of their own, because of its settings or because it is damaged. */
export const BROKEN_WORLDS: readonly ErrorCase[] = [
  {
    code: 1000,
    when: "the requests of a window are used up",
    async raise() {
      const world = await createWorld({ rateLimit: 1 });
      try {
        await world.get("ana", "/user");
        return await world.get("ana", "/user");
      } finally {
        await world.close();
      }
    },
  },
  {
    code: 90004,
    when: "the platform itself is broken: a table of its database has another name",
    async raise() {
      const world = await createWorld();
      try {
        await sql`alter table closures rename to lost`.execute(world.platform.db);
        return await world.put("admin", new URL("/operator/maintenance/files", world.url).href);
      } finally {
        await world.close();
      }
    },
  },
  {
    code: 90005,
    when: "the database is away and the call belongs to no service",
    raise: () =>
      withoutDatabase(
        async () => undefined,
        (world) => world.send("GET", null, "/rate_limit", undefined, { "x-sbg-auth-token": "0".repeat(32) }),
      ),
  },
];

/** What `ask` finds in a world whose database cannot be reached since `prepare`; afterwards it can be again. */
export async function withoutDatabase<Things, Found>(
  prepare: (world: World) => Promise<Things>,
  ask: (world: World, things: Things) => Promise<Found>,
): Promise<Found> {
  const database = await createSeveredDatabase();
  const world = await createWorld({ databaseUrl: database.url });
  try {
    const things = await prepare(world);
    await database.cut();
    try {
      return await ask(world, things);
    } finally {
      await database.mend();
    }
  } finally {
    await world.close();
    await database.drop();
  }
}

/** Asks while the blob store cannot be reached: a file, or an empty directory, is where its directory was. It is back afterwards. */
export async function withoutStore(
  world: World,
  ask: () => Promise<Answer>,
  instead: "file" | "empty" = "file",
): Promise<Answer> {
  const blobs = join(world.directory, "files");
  await rename(blobs, `${blobs}.away`);
  await (instead === "file" ? writeFile(blobs, "") : mkdir(blobs));
  try {
    return await ask();
  } finally {
    await rm(blobs, { recursive: true });
    await rename(`${blobs}.away`, blobs);
  }
}
