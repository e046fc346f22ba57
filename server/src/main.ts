import pino from "pino";
import { readSettings } from "./settings.ts";
import { ensureAdministrator } from "./users/first-administrator.ts";
import { createPlatform } from "./wiring.ts";

/**
 * `node server/src/main.ts [api|worker|all]`: starts the platform and serves until SIGTERM or SIGINT. When it is ready
 * it prints one line of JSON on stdout, `{"ready": "http://…/v2"}`; the log goes to stderr.
 */
const settings = readSettings(process.env);
const logger = pino({ level: settings.logLevel }, pino.destination({ fd: 2, sync: false }));
const platform = await createPlatform(settings, logger);
await ensureAdministrator(platform.services.users, settings.administrator, settings.dataDirectory);
const url = await platform.listen();
process.stdout.write(`${JSON.stringify({ ready: `${url}/v2` })}\n`);

let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    platform.close().then(
      () => process.exit(0),
      (error) => {
        logger.error({ err: error }, "could not stop cleanly");
        process.exit(1);
      },
    );
  });
}
