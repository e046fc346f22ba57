import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { createEvaluator } from "@causeway/cwl";
import type { Logger } from "pino";
import { createDocuments } from "./apps/documents/documents.ts";
import { appRoutes } from "./apps/routes.ts";
import { createAppService } from "./apps/service.ts";
import { createBillingAdministration } from "./billing/administration.ts";
import { closeMonths } from "./billing/invoice-queries.ts";
import { createLedger } from "./billing/ledger.ts";
import { billingRoutes } from "./billing/routes.ts";
import { createBillingService } from "./billing/service.ts";
import { openBlobStore } from "./blob-store.ts";
import { bulkRoutes } from "./bulk/routes.ts";
import { createBulkService } from "./bulk/service.ts";
import { openDatabase } from "./db/database.ts";
import { embeddedDirectory, startEmbeddedPostgres } from "./db/embedded.ts";
import { migrate } from "./db/migrate.ts";
import { openPgNotifications } from "./db/pg-notifications.ts";
import { divisionRoutes } from "./divisions/routes.ts";
import { createDivisionService } from "./divisions/service.ts";
import { documentationRoutes } from "./documentation/routes.ts";
import { createDownloadLinks } from "./downloads/download-links.ts";
import { downloadRoute } from "./downloads/download-route.ts";
import { feedbackRoutes } from "./feedback/routes.ts";
import { createFeedbackService } from "./feedback/service.ts";
import { fileOperationRoutes } from "./file-operations/routes.ts";
import { createFileOperationService } from "./file-operations/service.ts";
import { createFileOperationWork, RUN_FILE_OPERATION } from "./file-operations/work.ts";
import { createFileAccess } from "./files/access.ts";
import { createFileContents } from "./files/file-creation.ts";
import { createFileScrolling } from "./files/listing/list-by-token.ts";
import { createPathFinder } from "./files/paths.ts";
import { fileRoutes } from "./files/routes.ts";
import { createFileService } from "./files/service.ts";
import { createBulkCopy } from "./files/transfer/bulk-copy.ts";
import { createFileTrees } from "./files/transfer/folder-operations.ts";
import { createFileSweep } from "./files/trash/blob-sweep.ts";
import { createFileTrash } from "./files/trash/trash.ts";
import { healthRoutes } from "./health/routes.ts";
import { writeAccessLog } from "./http/access-log.ts";
import { createApp } from "./http/app.ts";
import { createCalls } from "./http/calls.ts";
import { generalRoutes } from "./http/general.ts";
import { createLinks } from "./http/links.ts";
import { memoryRateLimit } from "./http/rate-limit.ts";
import { createSignedLinks, keepSecret } from "./http/signed-links.ts";
import { type CertificateFiles, keepSelfSigned } from "./http/tls/certificates.ts";
import { openTls } from "./http/tls/server.ts";
import { everyHour } from "./maintenance/hourly.ts";
import { createMaintenanceService } from "./maintenance/service.ts";
import { markerRoutes } from "./markers/routes.ts";
import { createMarkerService } from "./markers/service.ts";
import { operatorRoutes } from "./operator/routes.ts";
import { keepPrivate } from "./private-directories.ts";
import { createProjectAccess } from "./projects/access.ts";
import { createMemberService } from "./projects/members.ts";
import { projectRoutes } from "./projects/routes.ts";
import { createProjectService } from "./projects/service.ts";
import { createProjectTrash } from "./projects/trash.ts";
import { startWorker } from "./queue/queue.ts";
import { createDamageRecord } from "./scrub/damage.ts";
import { createInputCheck } from "./scrub/input-check.ts";
import { createScrub } from "./scrub/scrub.ts";
import { storedBytesMetrics, storedBytesState } from "./scrub/state.ts";
import { searchRoutes } from "./search/routes.ts";
import { createSearchService } from "./search/service.ts";
import { SETTINGS, type Settings } from "./settings.ts";
import { closesBy } from "./stopping.ts";
import { createShareWeights } from "./tasks/dispatch/weights.ts";
import { createBlobCache } from "./tasks/files/blob-cache.ts";
import { createTaskFiles } from "./tasks/files/task-files.ts";
import { createResultSweep } from "./tasks/reuse/result-sweep.ts";
import { taskRoutes } from "./tasks/routes.ts";
import { createTaskWork } from "./tasks/running/worker.ts";
import { createTaskService } from "./tasks/service.ts";
import { teamRoutes } from "./teams/routes.ts";
import { createTeamService } from "./teams/service.ts";
import { partRoute, signPartLinks } from "./uploads/part-route.ts";
import { uploadRoutes } from "./uploads/routes.ts";
import { createUploadService } from "./uploads/service.ts";
import { createUploadSweep } from "./uploads/sweep.ts";
import { createActorCache } from "./users/actor-cache.ts";
import { userRoutes } from "./users/routes.ts";
import { createUserService } from "./users/service.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Everything of one running platform process. Built once; closed in the opposite order. */
export type Platform = Awaited<ReturnType<typeof createPlatform>>;

/**
 * Builds the platform from its settings: database (started if it is the embedded one), schema, services, routes.
 * Nothing listens yet: call `app.listen`.
 */
export async function createPlatform(settings: Settings, logger: Logger) {
  const opened = new Opened();
  try {
    return await build(settings, logger, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What must be closed again, the last first. */
class Opened {
  readonly #closers: { close: () => unknown; always: boolean }[] = [];

  /** `always`: waited for even when the time is over. */
  push(close: () => unknown, { always = false } = {}): void {
    this.#closers.push({ close, always });
  }

  /** Answers whether everything was closed within `ms`; what takes longer is left to the end of the process. */
  async close(ms = Number.POSITIVE_INFINITY): Promise<boolean> {
    const deadline = Date.now() + ms;
    let isInTime = true;
    for (const { close, always } of this.#closers.splice(0).reverse())
      isInTime = (await closesBy(always ? Number.POSITIVE_INFINITY : deadline, close)) && isInTime;
    return isInTime;
  }
}

async function build(settings: Settings, logger: Logger, opened: Opened) {
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
  const database = openDatabase(databaseUrl, settings.databaseConnections);
  opened.push(() => database.close());
  const { db } = database;
  await migrate(db, databaseUrl);
  const notices = await openPgNotifications(databaseUrl);
  opened.push(() => notices.close());

  const certificate = await certificateFiles(settings);
  const links = createLinks(settings.publicUrl, settings.host, settings.port, certificate ? "https" : "http");
  const maintenance = await createMaintenanceService(db, notices);
  const billing = createBillingService(db);
  const ledger = createLedger(db);
  const actorCache = createActorCache();
  await notices.on("actors", () => actorCache.clear());
  const divisions = createDivisionService(db);
  const users = createUserService(db, (tx, user) => billing.welcome(tx, user), actorCache, divisions);
  const teams = createTeamService(db, divisions, users);
  const billingAdministration = createBillingAdministration(db, users);
  const access = createProjectAccess(db);
  const fileContents = createFileContents(db);
  const projects = createProjectService(db, access, billing, [
    { created: (tx, project) => fileContents.addRoot(tx, project), deleted: (tx, project) => tasks.projectDeleted(tx, project) },
  ]);
  const documents = createDocuments({
    limits: {
      bytes: settings.documentBytes,
      depth: settings.documentDepth,
      entries: settings.documentEntries,
      steps: settings.documentSteps,
      ports: settings.documentPorts,
    },
    seconds: settings.documentSeconds,
    memoryMiB: settings.documentMemoryMiB,
    waitingAtMost: settings.documentsWaiting,
    keptBytes: settings.documentsKeptMib * 2 ** 20,
  });
  opened.push(() => documents.close());
  const apps = createAppService(db, access, documents);
  const evaluator = createEvaluator();
  const members = createMemberService(db, access, { users, teams, divisions });
  const store = await openBlobStore(settings);
  const copies = createBlobCache(store, join(settings.dataDirectory, "copies"));
  const damage = createDamageRecord(db, logger);
  const scrub = createScrub(
    { db, databaseUrl, store, damage, log: logger },
    { everyMs: settings.scrubDays * 24 * HOUR_MS, bytesPerSecond: settings.scrubMibPerSecond * 2 ** 20 },
  );
  const signed = createSignedLinks(await keepSecret(join(settings.dataDirectory, "secrets", "links")));
  const fileAccess = createFileAccess(db, access);
  const downloadLinks = createDownloadLinks(db, store, signed, links, ledger, {
    lifetimeMs: settings.downloadLinkHours * HOUR_MS,
    direct: settings.s3Downloads === "direct",
  });
  const files = createFileService(database, fileAccess, links, () => maintenance.isClosed("metadata"), downloadLinks.sign, store);
  const trees = createFileTrees(db, fileAccess);
  const fileOperations = createFileOperationService(db, trees, links);
  const taskFiles = createTaskFiles(db, store, copies, createInputCheck(store, copies, damage));
  const tasks = createTaskService({
    db,
    access,
    apps,
    billing,
    files: taskFiles,
    evaluator,
    batchAtMost: settings.batchChildren,
    valuesAtMost: settings.bodyValues,
  });
  const uploads = createUploadService(
    db,
    store,
    fileAccess,
    { fileContents, files },
    { idleMs: settings.uploadIdleDays * 24 * HOUR_MS, partLinkMs: settings.partLinkHours * HOUR_MS },
    signPartLinks(signed, links),
  );
  const uploadSweep = createUploadSweep(db, store, { idleMs: settings.uploadIdleDays * 24 * HOUR_MS });
  const trashMs = settings.trashDays * 24 * HOUR_MS;
  const resultSweep = createResultSweep(db);
  const fileSweep = createFileSweep(db, store, [uploadSweep.keepsBlobs, resultSweep.keepsBlobs], damage, {
    trashMs,
    graceMs: settings.blobGraceHours * HOUR_MS,
  });
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
    () => downloadLinks.removeOld(new Date()),
    () => copies.removeUnused(new Date(Date.now() - trashMs)),
  ]);
  opened.push(() => sweeping.stop());
  const scrubbing = scrub.start();
  opened.push(() => scrubbing.stop());

  const tls = certificate && (await openTls(certificate, () => links.baseUrl, logger));
  opened.push(() => tls?.close());
  const app = createApp(
    links,
    {
      authenticate: (token) => users.authenticate(token),
      closed: (operation) => maintenance.closed(operation),
      rateLimit: memoryRateLimit(settings.rateLimit, settings.rateLimitWindowSeconds),
    },
    logger,
    settings.bodyBytes,
    tls,
  );
  if (settings.accessLog !== "") {
    const accessLog = writeAccessLog(app, settings.accessLog);
    opened.push(() => accessLog.close());
  }
  const calls = createCalls(app, links, {
    bytes: settings.bodyBytes,
    values: settings.bodyValues,
    depth: settings.bodyDepth,
  });
  generalRoutes(calls, links);
  const feedback = createFeedbackService(db);
  feedbackRoutes(calls, feedback);
  userRoutes(calls, users, links);
  divisionRoutes(calls, divisions, links);
  teamRoutes(calls, teams, links);
  billingRoutes(calls, billing, links);
  projectRoutes(calls, projects, members, links);
  appRoutes(
    calls,
    apps,
    documents,
    { body: { bytes: 2 * settings.documentBytes, variable: `twice ${SETTINGS.documentBytes.variable}` } },
    links,
  );
  fileRoutes(calls, files, createBulkCopy(db, fileAccess), createPathFinder(db), createFileScrolling(db, fileAccess, links));
  bulkRoutes(calls, createBulkService(files, links));
  fileOperationRoutes(calls, fileOperations);
  markerRoutes(calls, createMarkerService(db, fileAccess), links);
  searchRoutes(calls, createSearchService(db, access, fileAccess, { charactersAtMost: settings.searchCharacters }));
  uploadRoutes(calls, uploads, links);
  taskRoutes(calls, tasks, taskFiles, links);
  calls.answerOtherMethods();
  documentationRoutes(app, calls.served, links);
  const metrics = healthRoutes(app, db);
  storedBytesMetrics(db, metrics);
  const trash = { projects: createProjectTrash(db, trashMs), files: createFileTrash(db, trashMs) };
  const storedBytes = { state: () => storedBytesState(db), recheck: () => scrub.recheck() };
  operatorRoutes(app, {
    users,
    divisions,
    billing: billingAdministration,
    feedback,
    trash,
    maintenance,
    storedBytes,
    weights: createShareWeights(db),
  });
  partRoute(app, uploads, signed);
  const downloads = downloadRoute(app, fileContents, store, signed, ledger, damage);

  const taskWork = await createTaskWork({
    db,
    notices,
    apps,
    files: taskFiles,
    ledger,
    billing,
    directory: join(settings.dataDirectory, "jobs"),
    tasksAtOnce: settings.tasksAtOnce,
    sharedCores: settings.sharedCores,
    images: settings.images,
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
  const fileOperationWork = createFileOperationWork(db, trees, logger, settings.faultTries);
  fileOperationWork.measure(metrics);
  const worker = await startWorker(db, {
    databaseUrl,
    log: logger,
    // Nearly all that a task's driver does is wait; a file operation keeps the database at work.
    kinds: [...taskWork.kinds, { concurrency: 2, handlers: { [RUN_FILE_OPERATION]: fileOperationWork.run } }],
    dispatch: (by) => taskWork.dispatch(by),
    reconcile: () => taskWork.reconcile(),
  });
  opened.push(() => worker.stop());
  opened.push(() => downloads.charged());
  // Before the worker: requests under way may still add work.
  opened.push(() => app.close());

  return {
    app,
    links,
    db,
    calls,
    store,
    signed,
    services: {
      users,
      divisions,
      teams,
      billing,
      billingAdministration,
      ledger,
      projects,
      members,
      apps,
      files,
      taskFiles,
      fileOperations,
      fileContents,
      uploads,
      uploadSweep,
      fileSweep,
      resultSweep,
      scrub,
      jobs: taskWork,
      tasks,
      maintenance,
    },
    /** The file of the certificate that was made here and that nobody trusts unless told to. */
    selfSigned: settings.tlsCertificate === SELF_SIGNED ? certificate?.certificate : undefined,
    /** Listens, and answers the public URL without `/v2`. */
    async listen(): Promise<string> {
      const scheme = certificate ? "https" : "http";
      const listenTextResolver = (address: string) => `listening at ${address.replace(/^http/, scheme)}`;
      await app.listen({ host: settings.host, port: settings.port, listenTextResolver });
      links.listeningOn((app.server.address() as AddressInfo).port);
      return links.baseUrl.replace(/\/v2$/, "");
    },
    /** Ends what is under way, or hands it back. Answers whether that was done within `ms`. */
    close: (ms?: number) => opened.close(ms),
  };
}

const SELF_SIGNED = "self-signed";

/** The certificate to serve with; none when the platform speaks http. @throws Error when only one of the two files is named */
async function certificateFiles(settings: Settings): Promise<CertificateFiles | undefined> {
  const { tlsCertificate: certificate, tlsKey: key, host, publicUrl } = settings;
  if (certificate === SELF_SIGNED) {
    const hosts = publicUrl === "" ? [host] : [host, new URL(publicUrl).hostname];
    return keepSelfSigned(resolve(settings.dataDirectory, "tls"), hosts);
  }
  if ((certificate === "") !== (key === ""))
    throw new Error("CAUSEWAY_TLS_CERTIFICATE and CAUSEWAY_TLS_KEY go together: name the files of both.");
  return certificate === "" ? undefined : { certificate, key };
}
