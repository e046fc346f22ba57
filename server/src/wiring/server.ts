import { fileURLToPath } from "node:url";
import type { BlobStore } from "@causeway/storage";
import type { Logger } from "pino";
import { appRoutes } from "../apps/routes.ts";
import { appViewRoutes } from "../apps/web-routes.ts";
import { billingRoutes } from "../billing/routes.ts";
import { bulkRoutes } from "../bulk/routes.ts";
import { createBulkService } from "../bulk/service.ts";
import { divisionRoutes } from "../divisions/routes.ts";
import { documentationRoutes } from "../documentation/routes.ts";
import { downloadRoute } from "../downloads/download-route.ts";
import { drsRoutes } from "../drs/routes.ts";
import { createDrsService } from "../drs/service.ts";
import { drsImportRoutes } from "../drs-imports/routes.ts";
import { exportRoutes } from "../exports/routes.ts";
import { feedbackRoutes } from "../feedback/routes.ts";
import { fileOperationRoutes } from "../file-operations/routes.ts";
import { createFileScrolling } from "../files/listing/list-by-token.ts";
import { createPathFinder } from "../files/paths.ts";
import { fileRoutes } from "../files/routes.ts";
import { createBulkCopy } from "../files/transfer/bulk-copy.ts";
import { createFileTrash } from "../files/trash/trash.ts";
import { healthRoutes } from "../health/routes.ts";
import { writeAccessLog } from "../http/access-log.ts";
import { createApp } from "../http/app.ts";
import { createCalls } from "../http/calls.ts";
import { countStreams } from "../http/event-stream.ts";
import { generalRoutes } from "../http/general.ts";
import type { Links } from "../http/links.ts";
import { memoryRateLimit } from "../http/rate-limit.ts";
import { authenticate, type RequestChecks } from "../http/request-checks.ts";
import type { CertificateFiles } from "../http/tls/certificates.ts";
import { openTls } from "../http/tls/server.ts";
import { importRoutes } from "../imports/routes.ts";
import { markerRoutes } from "../markers/routes.ts";
import { createMarkerService } from "../markers/service.ts";
import { operatorRoutes } from "../operator/routes.ts";
import { projectRoutes } from "../projects/routes.ts";
import { createProjectTrash } from "../projects/trash.ts";
import { storedBytesMetrics, storedBytesState } from "../scrub/state.ts";
import { searchRoutes } from "../search/routes.ts";
import { createSearchService } from "../search/service.ts";
import { sessionRoutes } from "../sessions/routes.ts";
import { SETTINGS, type Settings } from "../settings.ts";
import { createShareWeights } from "../tasks/dispatch/weights.ts";
import { taskRoutes } from "../tasks/routes.ts";
import { createWatching } from "../tasks/watching/watching.ts";
import { watchingRoutes } from "../tasks/watching/watching-routes.ts";
import { teamRoutes } from "../teams/routes.ts";
import { partRoute } from "../uploads/part-route.ts";
import { uploadRoutes } from "../uploads/routes.ts";
import { userRoutes } from "../users/routes.ts";
import { volumeRoutes } from "../volumes/routes.ts";
import { pageRoutes, webRoutes } from "../web/routes.ts";
import type { Opened } from "./opened.ts";
import type { Services } from "./services.ts";
import type { Stores } from "./stores.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Where `web/build.ts` puts the UI. */
const BUILT_UI = fileURLToPath(new URL("../../../web/dist", import.meta.url));

/** Where browsers get the bytes of files, where that is not this platform. */
async function originsOf(store: BlobStore): Promise<string[]> {
  const url = await store.signReadUrl?.("origin", 60);
  return url ? [url.origin] : [];
}

/** The HTTP server, which does not listen yet, with the routes of every feature. */
export async function createServer(settings: Settings, { logger, links, certificate, stores, services, opened }: ServerDeps) {
  const { db, store, signed } = stores;
  const { users, divisions, teams, billing, projects, members, apps, documents, files, fileAccess, fileOperations } = services;
  const { sessions, uploads, tasks, taskFiles, lateLogs, maintenance, feedback, fileContents, ledger, damage } = services;
  const { scrub, access } = services;
  const { volumes, volumeObjects, volumeMembers } = services;
  const tls = certificate && (await openTls(certificate, () => links.baseUrl, logger));
  opened.push(() => tls?.close());
  const checks: RequestChecks = {
    authenticate: (token) => users.authenticate(token),
    sessions: { authenticate: (secret) => sessions.authenticate(secret), links },
    closed: (operation) => maintenance.closed(operation),
    rateLimit: memoryRateLimit(settings.rateLimit, settings.rateLimitWindowSeconds),
  };
  const app = createApp({ links, checks, logger, bodies: { bytes: settings.bodyBytes, mib: settings.bodiesMib }, tls });
  if (settings.accessLog !== "") {
    const accessLog = writeAccessLog(app, settings.accessLog);
    opened.push(() => accessLog.close());
  }
  app.addHook("preHandler", ({ url, body }) => lateLogs.mentionedIn(url, body));
  const limits = { bytes: settings.bodyBytes, values: settings.bodyValues, depth: settings.bodyDepth };
  const calls = createCalls(app, links, limits);
  generalRoutes(calls, links);
  feedbackRoutes(calls, feedback);
  userRoutes(calls, users, links);
  divisionRoutes(calls, divisions, links);
  teamRoutes(calls, teams, links);
  billingRoutes(calls, billing, links);
  projectRoutes(calls, { projects, members, links });
  appRoutes(
    calls,
    { apps, documents, links },
    { body: { bytes: 2 * settings.documentBytes, variable: `twice ${SETTINGS.documentBytes.variable}` } },
  );
  fileRoutes(calls, {
    files,
    bulkCopy: createBulkCopy(db, fileAccess),
    findIds: createPathFinder(db),
    scrolling: createFileScrolling(db, fileAccess, links),
  });
  bulkRoutes(calls, createBulkService(files, links));
  fileOperationRoutes(calls, fileOperations);
  markerRoutes(calls, createMarkerService(db, fileAccess), links);
  searchRoutes(
    calls,
    createSearchService({ db, projects: access, access: fileAccess }, { charactersAtMost: settings.searchCharacters }),
  );
  volumeRoutes(calls, { volumes, objects: volumeObjects, members: volumeMembers }, links);
  importRoutes(calls, services.imports);
  exportRoutes(calls, services.exports);
  drsImportRoutes(calls, services.drsImports);
  uploadRoutes(calls, uploads, links);
  taskRoutes(calls, { tasks, files: taskFiles, links });
  calls.answerOtherMethods();
  documentationRoutes(app, calls.served, links);
  pageRoutes(app, { folder: settings.web === "" ? BUILT_UI : settings.web, byteOrigins: await originsOf(store) });
  webRoutes(app, { links, limits }, (beside) => {
    sessionRoutes(beside, {
      sessions,
      users,
      links,
      isClosed: () => maintenance.closed() !== undefined,
      cookieSeconds: settings.sessionDays * (DAY_MS / 1000),
    });
    appViewRoutes(beside, apps);
    watchingRoutes(beside, {
      db,
      tasks,
      apps,
      lateLogs,
      watching: createWatching({ db, tasks, links }),
      streams: countStreams(settings.streams),
      authenticate: (request) => authenticate(request, checks),
    });
  });
  const drs = createDrsService(
    { db, access: fileAccess, sign: services.downloadLinks.sign, links },
    { bulkObjects: settings.drsBulkObjects, bundleObjects: settings.drsBundleObjects, depth: settings.bodyDepth },
  );
  drsRoutes(app, drs, { links, limits });
  const metrics = healthRoutes(app, db);
  storedBytesMetrics(db, metrics);
  const trash = {
    projects: createProjectTrash(db, settings.trashDays * DAY_MS),
    files: createFileTrash(db, settings.trashDays * DAY_MS),
  };
  const storedBytes = { state: () => storedBytesState(db), recheck: () => scrub.recheck() };
  const operated = {
    users,
    divisions,
    billing: services.billingAdministration,
    feedback,
    trash,
    maintenance,
    storedBytes,
    weights: createShareWeights(db),
    secrets: services.secretRotation,
    volumes: services.volumeCheck,
    sessions,
  };
  operatorRoutes(app, operated, { links, limits });
  partRoute(app, uploads, signed);
  const downloads = downloadRoute(app, { files: fileContents, store, signed, ledger, damage, aliases: services.aliases });

  return { app, calls, metrics, downloads };
}

interface ServerDeps {
  logger: Logger;
  links: Links;
  certificate: CertificateFiles | undefined;
  stores: Stores;
  services: Services;
  opened: Opened;
}
