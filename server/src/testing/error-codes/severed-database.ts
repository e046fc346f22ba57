import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import pg from "pg";
import { createTestDatabase } from "../database.ts";

/** A test database behind a line of its own, which can be cut and mended: as if the server were stopped and started. */
export interface SeveredDatabase {
  readonly url: string;
  cut(): Promise<void>;
  mend(): Promise<void>;
  drop(): Promise<void>;
}

export async function createSeveredDatabase(): Promise<SeveredDatabase> {
  const database = await createTestDatabase();
  // The driver reads all the ways in which a server is named; a host may be a directory of sockets.
  const { host, port, user = "", password, database: name = "" } = new pg.Client(database.url);
  const target = host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };

  const sockets = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect(target);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  const open = async (at: number): Promise<number> => {
    line.listen(at, "127.0.0.1");
    await once(line, "listening");
    return (line.address() as { port: number }).port;
  };
  const cut = async () => {
    const closed = once(line, "close");
    line.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  const linePort = await open(0);
  return {
    url: `postgres://${user}:${encodeURIComponent(password ?? "")}@127.0.0.1:${linePort}/${name}`,
    cut,
    mend: async () => void (await open(linePort)),
    async drop() {
      await cut();
      await database.drop();
    },
  };
}
