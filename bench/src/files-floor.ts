// The floor of `files.ts`: bare Fastify that answers a file's row with one query.
import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
const app = Fastify({ logger: false });
app.get<{ Params: { id: string } }>("/files/:id", async (request, reply) => {
  const { rows } = await pool.query(
    "select id, name, size, project_id, parent, type, created_at, modified_at, origin, tags, metadata from files where id = $1",
    [request.params.id],
  );
  return rows[0] ?? reply.code(404).send();
});
await app.listen({ port: 0 });
console.log((app.server.address() as AddressInfo).port);
