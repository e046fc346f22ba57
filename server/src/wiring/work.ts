import { join } from "node:path";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { closeMonths } from "../billing/invoice-queries.ts";
import { createDrsImportWork, RUN_DRS_IMPORT } from "../drs-imports/work.ts";
import { cleanAfterExports, createExportWork, RUN_EXPORT } from "../exports/work.ts";
import { createFileOperationWork, RUN_FILE_OPERATION } from "../file-operations/work.ts";
import { createImportWork, RUN_IMPORT } from "../imports/work.ts";
import { everyHour } from "../maintenance/hourly.ts";
import { startWorker } from "../queue/queue.ts";
import type { Settings } from "../settings.ts";
import { createTaskWork } from "../tasks/running/worker.ts";
import type { Opened } from "./opened.ts";
import type { Services } from "./services.ts";
import type { Stores } from "./stores.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** What the platform does without being asked at that moment: sweeps of every hour, scrubs, tasks, file operations. */
export async function startWork(settings: Settings, { logger, stores, services, metrics, opened }: WorkDeps) {
  const { db, databaseUrl, notifications, copies } = stores;
  const { apps, taskFiles, ledger, billing, trees, fileOperations, scrub } = services;
  const { sessions, downloadLinks, uploadSweep, resultSweep, fileSweep } = services;
  const closeDays = async (now: Date) => {
    // The last day of a month belongs to its invoice.
    await ledger.chargeStorage(now);
    await closeMonths(db, now);
  };
  const sweeping = everyHour(logger, [
    () => uploadSweep.dropIdle(new Date()),
    () => uploadSweep.removeStrays(new Date()),
    () => resultSweep.removeExpired(new Date()),
    () => fileSweep.removeDeleted(new Date()),
    () => fileSweep.removeUnreferenced(new Date()),
    () => fileSweep.removeStrays(new Date()),
    () => fileSweep.hashNew(),
    () => closeDays(new Date()),
    () => fileOperations.removeOld(new Date()),
    () => cleanAfterExports(db),
    () => downloadLinks.removeOld(new Date()),
    () => sessions.removeExpired(),
    () => services.drsImports.removeOld(new Date()),
    () => services.objectCopies.removeUnused(new Date(Date.now() - settings.trashDays * DAY_MS)),
    () => copies.removeUnused(new Date(Date.now() - settings.trashDays * DAY_MS)),
  ]);
  opened.push(() => sweeping.stop());
  const scrubbing = scrub.start();
  opened.push(() => scrubbing.stop());

  const taskWork = await createTaskWork({
    db,
    notices: notifications,
    apps,
    files: taskFiles,
    ledger,
    billing,
    directory: join(settings.dataDirectory, "jobs"),
    tasksAtOnce: settings.tasksAtOnce,
    sharedCores: settings.sharedCores,
    images: settings.images,
    imageLimits: { gb: settings.imageGb, files: settings.imageFiles },
    limits: { processes: settings.jobProcesses, files: settings.jobFiles, diskGb: settings.jobDiskGb },
    keepFreeMiB: settings.diskReserveMib,
    faultTries: settings.faultTries,
    isolation: settings.isolation,
    log: logger,
  });
  taskWork.measure(metrics);
  opened.push(() => taskWork.close());
  const jobSweep = everyHour(logger, [() => taskWork.sweep()]);
  opened.push(() => jobSweep.stop());
  const fileOperationWork = createFileOperationWork({ db, trees, log: logger }, settings.faultTries);
  fileOperationWork.measure(metrics);
  const volumeJobs = {
    db,
    log: logger,
    faultTries: settings.faultTries,
    volumes: services.volumeAccess,
    stores: services.volumeStores,
    projects: services.access,
    access: services.fileAccess,
  };
  const importWork = createImportWork({ ...volumeJobs, objectsAtMost: settings.importObjects });
  importWork.measure(metrics);
  const exportWork = createExportWork({ ...volumeJobs, blobs: stores.store, secrets: services.secrets });
  exportWork.measure(metrics);
  const drsImportWork = createDrsImportWork(
    {
      db,
      store: stores.store,
      access: services.fileAccess,
      contents: services.fileContents,
      hosts: services.drsHosts,
      log: logger,
    },
    { files: settings.drsImportFiles, bundleObjects: settings.drsBundleObjects, faultTries: settings.faultTries },
  );
  const worker = await startWorker(db, {
    databaseUrl,
    log: logger,
    // Nearly all that a task's driver does is wait; a file operation keeps the database at work.
    kinds: [
      ...taskWork.kinds,
      { concurrency: 2, handlers: { [RUN_FILE_OPERATION]: fileOperationWork.run } },
      { concurrency: 4, handlers: { [RUN_IMPORT]: importWork.run } },
      { concurrency: 4, handlers: { [RUN_EXPORT]: exportWork.run } },
      { concurrency: 2, handlers: { [RUN_DRS_IMPORT]: drsImportWork.run } },
    ],
    dispatch: (by) => taskWork.dispatch(by),
    reconcile: () => taskWork.reconcile(),
  });
  opened.push(() => worker.stop());
  return taskWork;
}

interface WorkDeps {
  logger: Logger;
  stores: Stores;
  services: Services;
  metrics: Registry;
  opened: Opened;
}
