import { join } from "node:path";
import { createEvaluator } from "@causeway/cwl";
import type { Logger } from "pino";
import { createAliasObjects } from "../aliases/alias-objects.ts";
import { createObjectCopies } from "../aliases/object-copies.ts";
import { createDocuments } from "../apps/documents/documents.ts";
import { createAppService } from "../apps/service.ts";
import { createBillingAdministration } from "../billing/administration.ts";
import { createLedger } from "../billing/ledger.ts";
import { createBillingService } from "../billing/service.ts";
import { createDivisionService } from "../divisions/service.ts";
import { createDownloadLinks } from "../downloads/download-links.ts";
import { readDrsHosts } from "../drs-imports/hosts.ts";
import { createDrsImportService } from "../drs-imports/service.ts";
import { EXPORT_UPLOADS } from "../exports/sealed-uploads.ts";
import { createExportService } from "../exports/service.ts";
import { createFeedbackService } from "../feedback/service.ts";
import { createFileOperationService } from "../file-operations/service.ts";
import { createFileAccess } from "../files/access.ts";
import { hasAliases } from "../files/aliases.ts";
import { createFileContents } from "../files/file-creation.ts";
import { createFileService } from "../files/service.ts";
import { createFileTrees } from "../files/transfer/folder-operations.ts";
import { createFileSweep } from "../files/trash/blob-sweep.ts";
import type { Links } from "../http/links.ts";
import { createImportService } from "../imports/service.ts";
import { createMaintenanceService } from "../maintenance/service.ts";
import { createProjectAccess } from "../projects/access.ts";
import { createMemberService } from "../projects/members.ts";
import { createProjectService } from "../projects/service.ts";
import { createDamageRecord } from "../scrub/damage.ts";
import { createInputCheck } from "../scrub/input-check.ts";
import { createScrub } from "../scrub/scrub.ts";
import { fileKeyring, givenKeyring } from "../secrets/keyring.ts";
import { createSecretRotation } from "../secrets/rotation.ts";
import { createSecretBox } from "../secrets/secret-box.ts";
import { countSignInAttempts } from "../sessions/attempts.ts";
import { createPasswordHashing } from "../sessions/passwords.ts";
import { createSessionService } from "../sessions/service.ts";
import { SETTINGS, type Settings } from "../settings.ts";
import { createInputKeeper } from "../tasks/files/kept-inputs.ts";
import { createLateLogs } from "../tasks/files/late-logs.ts";
import { createTaskFiles } from "../tasks/files/task-files.ts";
import { createResultSweep } from "../tasks/reuse/result-sweep.ts";
import { createTaskService } from "../tasks/service.ts";
import { createTeamService } from "../teams/service.ts";
import { signPartLinks } from "../uploads/part-route.ts";
import { createUploadService } from "../uploads/service.ts";
import { createUploadSweep } from "../uploads/sweep.ts";
import { createActorCache } from "../users/actor-cache.ts";
import { createUserService } from "../users/service.ts";
import { createVolumeAccess } from "../volumes/access.ts";
import { createVolumeCheck } from "../volumes/check-volumes.ts";
import { readDeployment } from "../volumes/deployment-settings.ts";
import { createVolumeMemberService } from "../volumes/members/service.ts";
import { createPageTokens } from "../volumes/objects/page-token.ts";
import { createVolumeObjectService } from "../volumes/objects/service.ts";
import { createOpenStores } from "../volumes/open-stores.ts";
import { VOLUME_SECRETS } from "../volumes/sealed-secrets.ts";
import { createVolumeService } from "../volumes/service.ts";
import type { Opened } from "./opened.ts";
import type { Stores } from "./stores.ts";

const HOUR_MS = 60 * 60 * 1000;

/** What the platform can do, without HTTP: each feature's service on the stores and on one another. */
export type Services = Awaited<ReturnType<typeof createServices>>;

export async function createServices(
  settings: Settings,
  { logger, links, stores, opened }: { logger: Logger; links: Links; stores: Stores; opened: Opened },
) {
  const { database, databaseUrl, db, notifications, store, copies, signed } = stores;
  const maintenance = await createMaintenanceService(db, notifications);
  const billing = createBillingService(db);
  const ledger = createLedger(db);
  const actorCache = createActorCache();
  await notifications.on("actors", () => actorCache.clear());
  const divisions = createDivisionService(db);
  const users = createUserService({ db, onCreated: (tx, user) => billing.welcome(tx, user), known: actorCache, divisions });
  const sessions = createSessionService(
    { db, users, passwords: createPasswordHashing(), attempts: countSignInAttempts(settings.signInAttempts) },
    {
      idleMs: settings.sessionDays * 24 * HOUR_MS,
      linkMs: settings.signInLinkHours * HOUR_MS,
      passwordCharacters: settings.passwordCharacters,
    },
  );
  const teams = createTeamService(db, divisions, users);
  const billingAdministration = createBillingAdministration(db, users);
  const access = createProjectAccess(db);
  const fileContents = createFileContents(db);
  const projects = createProjectService({
    db,
    access,
    billing,
    listeners: [
      {
        created: (tx, project) => fileContents.addRoot(tx, project),
        deleted: (tx, project) => tasks.projectDeleted(tx, project),
      },
    ],
  });
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
  const damage = createDamageRecord(db, logger);
  const scrub = createScrub(
    { db, databaseUrl, store, damage, log: logger },
    { everyMs: settings.scrubDays * 24 * HOUR_MS, bytesPerSecond: settings.scrubMibPerSecond * 2 ** 20 },
  );
  const fileAccess = createFileAccess(db, access);
  const keyring =
    settings.secretsKey === ""
      ? fileKeyring(join(settings.dataDirectory, "secrets", "volumes"))
      : givenKeyring(settings.secretsKey, SETTINGS.secretsKey.variable);
  const secrets = createSecretBox(keyring);
  const deployment = await readDeployment(settings);
  const volumeAccess = createVolumeAccess(db);
  const volumeStores = createOpenStores(db, secrets, deployment);
  opened.push(() => volumeStores.close());
  const aliases = createAliasObjects({ db, volumes: volumeAccess, stores: volumeStores, answerMs: deployment.answerMs });
  const objectCopies = createObjectCopies(aliases, join(settings.dataDirectory, "copies-of-objects"));
  const downloadLinks = createDownloadLinks(
    { db, store, signed, links, ledger, aliases },
    {
      lifetimeMs: settings.downloadLinkHours * HOUR_MS,
      direct: settings.s3Downloads === "direct",
    },
  );
  const files = createFileService({
    database,
    access: fileAccess,
    links,
    metadataIsClosed: () => maintenance.isClosed("metadata"),
    signDownload: downloadLinks.sign,
    store,
  });
  const trees = createFileTrees(db, fileAccess);
  const fileOperations = createFileOperationService(db, trees, links);
  const taskFiles = createTaskFiles({
    db,
    blobs: store,
    copies,
    check: createInputCheck(store, copies, damage),
    objects: objectCopies,
  });
  const lateLogs = createLateLogs(db, store);
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
    { db, store, fileAccess, features: { fileContents, files }, signPart: signPartLinks(signed, links) },
    { idleMs: settings.uploadIdleDays * 24 * HOUR_MS, partLinkMs: settings.partLinkHours * HOUR_MS },
  );
  const uploadSweep = createUploadSweep(db, store, { idleMs: settings.uploadIdleDays * 24 * HOUR_MS });
  const drsHosts = readDrsHosts(settings.drsHosts, deployment.ca);
  const drsImports = createDrsImportService({ db, access: fileAccess, links, hosts: drsHosts }, { atMost: settings.drsImports });
  const trashMs = settings.trashDays * 24 * HOUR_MS;
  const resultSweep = createResultSweep(db);
  const fileSweep = createFileSweep(
    {
      db,
      store,
      keepers: [uploadSweep.keepsBlobs, resultSweep.keepsBlobs, createInputKeeper(db), drsImports.keepsBlobs],
      damage,
    },
    {
      trashMs,
      graceMs: settings.blobGraceHours * HOUR_MS,
    },
  );
  const feedback = createFeedbackService(db);
  const volumes = createVolumeService({
    db,
    access: volumeAccess,
    stores: volumeStores,
    secrets,
    deployment,
    hasAliases,
  });
  const volumeObjects = createVolumeObjectService(
    volumeAccess,
    volumeStores,
    createPageTokens(stores.linkSecret),
    deployment.answerMs,
  );
  const volumeCheck = createVolumeCheck(db, volumeStores, deployment.answerMs);
  const volumeMembers = createVolumeMemberService(db, volumeAccess, { users, teams, divisions });
  const imports = createImportService({ db, volumes: volumeAccess, projects: access, access: fileAccess, files, links });
  const exports = createExportService({ db, volumes: volumeAccess, access: fileAccess, files, deployment, links });
  const secretRotation = createSecretRotation(db, keyring, [VOLUME_SECRETS, EXPORT_UPLOADS]);
  return {
    maintenance,
    users,
    sessions,
    divisions,
    teams,
    billing,
    billingAdministration,
    ledger,
    access,
    projects,
    members,
    documents,
    apps,
    damage,
    scrub,
    fileAccess,
    fileContents,
    files,
    trees,
    fileOperations,
    taskFiles,
    lateLogs,
    tasks,
    downloadLinks,
    uploads,
    uploadSweep,
    resultSweep,
    fileSweep,
    feedback,
    secrets,
    secretRotation,
    volumeAccess,
    volumeStores,
    volumes,
    volumeObjects,
    volumeCheck,
    volumeMembers,
    imports,
    exports,
    drsHosts,
    drsImports,
    aliases,
    objectCopies,
  };
}
