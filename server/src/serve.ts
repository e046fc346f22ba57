import type { Logger } from "pino";
import { isOutage } from "./http/outages.ts";
import { openLog } from "./log.ts";
import { AlreadyRunning, type Claim, claimDirectory } from "./running.ts";
import { readSettings, type Settings, settingsManual } from "./settings.ts";
import { ensureAdministrator } from "./users/first-administrator.ts";
import { createPlatform } from "./wiring.ts";

/**
 * `node server/src/main.ts`: starts the platform and serves until SIGTERM or SIGINT. When it is ready it prints one line
 * of JSON on stdout, `{"ready": "http://…/v2"}`; the log goes to stderr. With `--settings` it prints the manual of its
 * settings, as JSON, and ends.
 */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const logger = await openLog(settings);
  // Whoever started this process may be gone and have taken the other ends along: that must not keep it from ending well.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  // The queue's library lets go of promises and connections that fail when the database goes away amid a work item: the
  // item is tried again, and the process goes on. Anything else that nobody has handled is a fault of ours.
  const unhandled = (error: unknown) => {
    if (isOutage(error)) return logger.warn({ err: error }, "the database is away");
    logger.fatal({ err: error }, "a fault of ours");
    process.exit(1);
  };
  process.on("unhandledRejection", unhandled);
  process.on("uncaughtException", unhandled);
  // Listened to from the start: a platform that is told to stop while it starts must not leave its database running.
  const told = toldToStop();
  // With a database of their own several processes may share a directory.
  const claim = settings.databaseUrl === "" ? claimDirectory(settings.dataDirectory) : undefined;
  try {
    await serve(settings, logger, claim, told);
  } finally {
    claim?.release();
  }
}

async function serve(settings: Settings, logger: Logger, claim: Claim | undefined, told: Promise<void>): Promise<void> {
  const platform = await createPlatform(settings, logger);
  try {
    await ensureAdministrator(platform.services.users, settings.administrator, settings.dataDirectory);
    const url = await platform.listen();
    claim?.serves(`${url}/v2`, platform.selfSigned);
    process.stdout.write(`${JSON.stringify({ ready: `${url}/v2` })}\n`);
    await told;
  } finally {
    await platform.close();
  }
}

/** Resolves when somebody wants this process to end. A parent that started it with a channel and is gone wants that, too. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve());
    process.on("disconnect", () => resolve());
  });
}

/** The whole of the process: serves or prints the manual, and ends it. */
export function run(): void {
  if (process.argv.includes("--settings")) {
    process.stdout.write(`${JSON.stringify(settingsManual())}\n`);
    return;
  }
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${explain(error)}\n`);
      process.exit(1);
    },
  );
}

/** What keeps the platform from running, for whoever started it: the stack is for us, so it stands last. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return `The platform could not run: ${error}`;
  const { code, message, cause, stack } = error as NodeJS.ErrnoException;
  if (error instanceof AlreadyRunning) return message;
  if (code === "EADDRINUSE") return `The platform could not start: ${message}. Another program has that port.`;
  const why = cause instanceof Error ? `\n  because: ${cause.message}` : "";
  return `The platform could not run: ${message}${why}\n${stack}`;
}
