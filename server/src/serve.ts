import type { Logger } from "pino";
import { runBackupCommand } from "./backup/command.ts";
import { BackupAtWork } from "./backup/hold.ts";
import { BackupRefused } from "./backup/manifest.ts";
import { requireRestored, UnfinishedRestore } from "./backup/unfinished-restore.ts";
import { isOutage } from "./http/outages.ts";
import { openLog } from "./log.ts";
import { everyHour } from "./maintenance/hourly.ts";
import { sweepLeftBehind } from "./maintenance/left-behind.ts";
import { AlreadyRunning, claimDirectory, type DirectoryClaim } from "./running.ts";
import { readSettings, type Settings } from "./settings.ts";
import { stopsWithin, toldToStop } from "./stopping.ts";
import { ensureAdministrator } from "./users/first-administrator.ts";
import { createPlatform } from "./wiring/platform.ts";

/**
 * `node server/src/main.ts`: starts the platform and serves until SIGTERM or SIGINT. When it is ready it prints one line
 * of JSON on stdout, `{"ready": "http://…/v2", "stops_within_seconds": 24}`; the log goes to stderr.
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
  const told = toldToStop(settings.stopSeconds, logger);
  requireRestored(settings.dataDirectory);
  // With a database of their own several processes may share a directory.
  const claim = settings.databaseUrl === "" ? claimDirectory(settings.dataDirectory) : undefined;
  try {
    await serve(settings, logger, claim, told);
  } finally {
    claim?.release();
  }
}

async function serve(settings: Settings, logger: Logger, claim: DirectoryClaim | undefined, told: Promise<void>): Promise<void> {
  const platform = await createPlatform(settings, logger);
  let isInTime = true;
  const sweep = async () => {
    const gone = await sweepLeftBehind();
    if (gone.length > 0) logger.info({ directories: gone }, "removed what killed processes had left");
  };
  const sweeping = everyHour(logger, [sweep]);
  try {
    await ensureAdministrator(platform.services.users, settings.administrator, settings.dataDirectory);
    const url = await platform.listen();
    claim?.serves(`${url}/v2`, platform.selfSigned);
    const stopsWithinSeconds = stopsWithin(settings.stopSeconds);
    process.stdout.write(`${JSON.stringify({ ready: `${url}/v2`, stops_within_seconds: stopsWithinSeconds })}\n`);
    sweep().catch((error) => logger.warn({ err: error }, "what killed processes have left could not be removed"));
    await told;
  } finally {
    sweeping.stop();
    isInTime = await platform.close(settings.stopSeconds * 1000);
  }
  if (!isInTime) throw new BrokenOff(settings.stopSeconds);
}

/** Something did not let go in time: what it was at is done again after the next start, as after a crash. */
class BrokenOff extends Error {
  constructor(seconds: number) {
    super(`What was under way did not end within ${seconds} s (CAUSEWAY_STOP_SECONDS); the next start takes it up.`);
  }
}

/** The whole of the process: serves, or makes or restores a backup, and ends it. */
export function run(): void {
  const isBackup = process.argv.includes("--backup") || process.argv.includes("--restore");
  (isBackup ? runBackupCommand(process.argv.slice(2), readSettings(process.env)) : main()).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${explain(error)}\n`);
      process.exit(1);
    },
  );
}

/** Errors whose message is meant for whoever started the process. */
const SPEAKING = [AlreadyRunning, BrokenOff, UnfinishedRestore, BackupRefused, BackupAtWork];

/** What keeps the platform from running, for whoever started it: the stack is for us, so it stands last. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return `The platform could not run: ${error}`;
  const { code, message, cause, stack } = error as NodeJS.ErrnoException;
  if (SPEAKING.some((kind) => error instanceof kind)) return message;
  if (code === "ENOSPC" || code === "EDQUOT") return `The disk is full: ${message}`;
  if (code === "EADDRINUSE") return `The platform could not start: ${message}. Another program has that port.`;
  const why = cause instanceof Error ? `\n  because: ${cause.message}` : "";
  return `The platform could not run: ${message}${why}\n${stack}`;
}
