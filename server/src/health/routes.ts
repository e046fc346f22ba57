import { sql } from "kysely";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Database } from "../db/database.ts";
import type { App } from "../http/app.ts";

const PAGE = { config: { access: "page" } } as const;

/**
 * For operators, outside `/v2` and open to whoever reaches the port: `/healthz` (the process answers), `/readyz` (the
 * database does, too) and `/metrics` (Prometheus). Answers the registry of the last, for what else is to be measured.
 */
export function healthRoutes(app: App, db: Database): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: "causeway_http_request_seconds",
    help: "How long calls of the API took, in seconds, by operation and status.",
    labelNames: ["operation", "status"],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  });
  const unexpected = new Counter({
    name: "causeway_http_unexpected_total",
    help: "Calls that failed for reasons of our own (90004).",
    registers: [registry],
  });
  new Gauge({
    name: "causeway_tasks",
    help: "Tasks that are on their way, by status.",
    labelNames: ["status"],
    registers: [registry],
    async collect() {
      this.reset();
      const { rows } = await sql<{ status: string; count: number }>`
        select status, count(*) as count from tasks
        where status in ('CREATING', 'QUEUED', 'RUNNING', 'ABORTING') group by status`.execute(db);
      for (const { status, count } of rows) this.set({ status }, count);
    },
  });

  app.addHook("onResponse", async (request, reply) => {
    const { operation } = request.routeOptions.config;
    if (!operation) return;
    duration.observe({ operation: operation.id, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    if (reply.statusCode === 500) unexpected.inc();
  });
  app.get("/healthz", PAGE, async () => ({ status: "ok" }));
  app.get("/readyz", PAGE, async (_request, reply) => {
    try {
      await sql`select 1`.execute(db);
      return { status: "ready" };
    } catch {
      return reply.code(503).send({ status: "the database cannot be reached" });
    }
  });
  app.get("/metrics", PAGE, async (_request, reply) =>
    reply.header("content-type", registry.contentType).send(await registry.metrics()),
  );
  return registry;
}
