import { readFileSync } from "node:fs";
import { DEEPEST, DOCUMENT_LIMITS, type LoadLimits } from "@causeway/cwl";
import { type Static, type TSchema, Type } from "typebox";
import Value from "typebox/value";
import { FEWEST_CONNECTIONS, poolOf } from "./db/connections.ts";

const VOLUME_TYPE_LIST = "^(none|(s3|gcs|azure|oss|local)([ ,]+(s3|gcs|azure|oss|local))*)$";

/**
 * Every setting of the server: its environment variable, meaning, unit and default. Parsed once, here alone;
 * `causeway settings` prints this table as the manual.
 */
export const SETTINGS = {
  host: setting(
    "CAUSEWAY_HOST",
    Type.String({ default: "127.0.0.1", description: "Address to listen on. 0.0.0.0 opens the platform to the network." }),
  ),
  port: setting(
    "CAUSEWAY_PORT",
    Type.Integer({ default: 8080, minimum: 0, maximum: 65535, description: "TCP port to listen on; 0 takes a free one." }),
  ),
  publicUrl: setting(
    "CAUSEWAY_PUBLIC_URL",
    Type.String({
      default: "",
      description:
        "Public base URL without /v2, e.g. https://causeway.example.org: every link in answers starts with it. Empty: http://HOST:PORT, or https://HOST:PORT with a certificate. R's client follows links only on the default ports, 443 and 80.",
    }),
  ),
  tlsCertificate: setting(
    "CAUSEWAY_TLS_CERTIFICATE",
    Type.String({
      default: "",
      description:
        "PEM file with the certificate, and those between it and a root after it: the platform speaks https itself. A new file is used without a restart. self-signed: one is made in the data directory (tls/). Empty: http.",
    }),
  ),
  tlsKey: setting(
    "CAUSEWAY_TLS_KEY",
    Type.String({ default: "", description: "PEM file with the certificate's private key. Of a self-signed one: empty." }),
  ),
  web: setting(
    "CAUSEWAY_WEB",
    Type.String({
      default: "",
      description: "Folder of the built web UI. Empty: web/dist of the program, which the first start builds.",
    }),
  ),
  sessionDays: setting(
    "CAUSEWAY_SESSION_DAYS",
    Type.Integer({ default: 14, minimum: 1, description: "Days without use after which a browser must sign in again." }),
  ),
  streams: setting(
    "CAUSEWAY_STREAMS",
    Type.Integer({ default: 50, minimum: 1, description: "Open pages of one user that follow a task or a project." }),
  ),
  signInLinkHours: setting(
    "CAUSEWAY_SIGN_IN_LINK_HOURS",
    Type.Integer({ default: 72, minimum: 1, description: "Hours in which an invitation must be opened." }),
  ),
  signInAttempts: setting(
    "CAUSEWAY_SIGN_IN_ATTEMPTS",
    Type.Integer({
      default: 10,
      minimum: 1,
      description:
        "Failed attempts to sign in to one account within 15 minutes; more are refused for that long. From one address ten times as many.",
    }),
  ),
  passwordCharacters: setting(
    "CAUSEWAY_PASSWORD_CHARACTERS",
    Type.Integer({ default: 10, minimum: 4, description: "Characters that a new password has at least." }),
  ),
  dataDirectory: setting(
    "CAUSEWAY_DATA",
    Type.String({ default: ".causeway", description: "Directory of the embedded database, the files and the jobs." }),
  ),
  databaseUrl: setting(
    "DATABASE_URL",
    Type.String({
      default: "",
      description: "PostgreSQL to use, 15 or later (postgresql://…). Empty: the embedded one, in the data directory.",
    }),
  ),
  databaseDurable: setting(
    "CAUSEWAY_DATABASE_DURABLE",
    Type.Boolean({
      default: true,
      description:
        "Whether the embedded database waits for the disk. false: faster, and lost when the machine crashes; for platforms that live for an hour.",
    }),
  ),
  emptyClusters: setting(
    "CAUSEWAY_EMPTY_CLUSTERS",
    Type.String({
      default: "",
      description:
        "Directory, of this user alone, in which an empty database is kept (40 MB), so that making one for a new data directory is quick. Empty: none.",
    }),
  ),
  databaseConnections: setting(
    "CAUSEWAY_DATABASE_CONNECTIONS",
    Type.Integer({
      default: 31,
      minimum: FEWEST_CONNECTIONS,
      description: `Connections to the database at most, a process: ${FEWEST_CONNECTIONS - poolOf(FEWEST_CONNECTIONS)} are for the queue, notices and the scrub, the others for requests and tasks.`,
    }),
  ),
  rateLimit: setting(
    "CAUSEWAY_RATE_LIMIT",
    Type.Integer({ default: 1000, minimum: 1, description: "Requests a user may make in one window." }),
  ),
  rateLimitWindowSeconds: setting(
    "CAUSEWAY_RATE_LIMIT_WINDOW",
    Type.Integer({ default: 300, minimum: 1, description: "Length of the rate limit's window, in seconds." }),
  ),
  downloadLinkHours: setting(
    "CAUSEWAY_DOWNLOAD_LINK_HOURS",
    Type.Integer({ default: 48, minimum: 1, maximum: 168, description: "Hours for which the address of a file's bytes works." }),
  ),
  partLinkHours: setting(
    "CAUSEWAY_PART_LINK_HOURS",
    Type.Integer({
      default: 24,
      minimum: 1,
      maximum: 168,
      description: "Hours for which the address of an upload's part works.",
    }),
  ),
  uploadIdleDays: setting(
    "CAUSEWAY_UPLOAD_IDLE_DAYS",
    Type.Integer({
      default: 7,
      minimum: 1,
      description: "Days after which an unfinished upload to which nothing comes is dropped.",
    }),
  ),
  trashDays: setting(
    "CAUSEWAY_TRASH_DAYS",
    Type.Integer({ default: 14, minimum: 0, description: "Days for which deleted files and projects can be restored." }),
  ),
  blobGraceHours: setting(
    "CAUSEWAY_BLOB_GRACE_HOURS",
    Type.Integer({ default: 24, minimum: 1, description: "Hours for which bytes stay that no file, upload or task refers to." }),
  ),
  scrubDays: setting(
    "CAUSEWAY_SCRUB_DAYS",
    Type.Integer({
      default: 30,
      minimum: 0,
      description:
        "Days after which all stored bytes are read once more, to find what the disk has lost (`causeway doctor`, /metrics). 0: never.",
    }),
  ),
  scrubMibPerSecond: setting(
    "CAUSEWAY_SCRUB_MIB_PER_SECOND",
    Type.Integer({ default: 50, minimum: 1, description: "How fast they are read then, in MiB a second." }),
  ),
  administrator: setting(
    "CAUSEWAY_ADMINISTRATOR",
    Type.String({
      default: "admin",
      pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
      description:
        "Username of the administrator who is made at the first start; the token is written to admin.token in the data directory.",
    }),
  ),
  s3Bucket: setting(
    "CAUSEWAY_S3_BUCKET",
    Type.String({
      default: "",
      description:
        "Bucket that keeps the bytes of files, on any S3-compatible server; clients then send and fetch them there directly. Credentials come from where AWS tools look (AWS_ACCESS_KEY_ID, …). Empty: the data directory keeps them.",
    }),
  ),
  s3Prefix: setting(
    "CAUSEWAY_S3_PREFIX",
    Type.String({ default: "", description: "Put before every key, so that a bucket can be shared: causeway/." }),
  ),
  s3Region: setting("CAUSEWAY_S3_REGION", Type.String({ default: "us-east-1", description: "Region of the bucket." })),
  s3Endpoint: setting(
    "CAUSEWAY_S3_ENDPOINT",
    Type.String({ default: "", description: "https://host[:port] of the S3 server. Empty: AWS." }),
  ),
  s3PublicEndpoint: setting(
    "CAUSEWAY_S3_PUBLIC_ENDPOINT",
    Type.String({
      default: "",
      description:
        "What signed links begin with, where clients reach the S3 server under another address than this process does.",
    }),
  ),
  s3PathStyle: setting(
    "CAUSEWAY_S3_PATH_STYLE",
    Type.Boolean({
      default: false,
      description: "host/bucket/key in place of bucket.host/key: what most servers that are not AWS want.",
    }),
  ),
  s3Downloads: setting(
    "CAUSEWAY_S3_DOWNLOADS",
    Type.Union([Type.Literal("direct"), Type.Literal("served")], {
      default: "direct",
      description:
        "direct: clients fetch files from the bucket, and a file's whole size is charged when its address is given out, once for a user in the lifetime of an address; an address works until it expires, also for a user who may not take the file any more. served: the bytes go through this process, are charged as they leave, and stop when the user loses the right.",
    }),
  ),
  secretsKey: setting(
    "CAUSEWAY_SECRETS_KEY",
    Type.String({
      default: "",
      description:
        "Key that secrets of volumes are encrypted with in the database: 64 hexadecimal digits (openssl rand -hex 32); more keys after it, with blanks between, decrypt what they encrypted before (causeway secrets rotate). Empty: a key is made in the data directory (secrets/volumes).",
    }),
  ),
  volumeEndpoints: setting(
    "CAUSEWAY_VOLUME_ENDPOINTS",
    Type.String({
      default: "*.amazonaws.com *.amazonaws.com.cn *.googleapis.com *.blob.core.windows.net *.microsoftonline.com *.aliyuncs.com",
      description:
        "Where the services of volumes may be, with blanks or commas between: minio.lab:9000 or minio.lab (at any address), *.example.org (at public addresses), 10.1.0.0/16 (a network), * (everywhere public). Nothing else is connected to, and metadata services of clouds never.",
    }),
  ),
  volumeTypes: setting(
    "CAUSEWAY_VOLUME_TYPES",
    Type.String({
      default: "s3,gcs,azure,oss,local",
      pattern: VOLUME_TYPE_LIST,
      description: "Types of volumes that users may make, of s3, gcs, azure, oss and local; none: no volumes.",
    }),
  ),
  volumeReadOnlyTypes: setting(
    "CAUSEWAY_VOLUME_READ_ONLY_TYPES",
    Type.String({
      default: "azure,oss",
      pattern: VOLUME_TYPE_LIST,
      description:
        "Types of volumes that nothing can be exported to (9057, 9058, 9038, 9039), as above; none: all can be written to.",
    }),
  ),
  volumeWritableHosts: setting(
    "CAUSEWAY_VOLUME_WRITABLE_HOSTS",
    Type.String({
      default: "",
      description:
        "Hosts of services whose volumes may be written to, such as minio.lab or *.amazonaws.com, with blanks or commas between; others can only be read-only (9209). Empty: all.",
    }),
  ),
  volumeWriteProbe: setting(
    "CAUSEWAY_VOLUME_WRITE_PROBE",
    Type.Boolean({
      default: true,
      description:
        "Whether an object is written and removed again when a volume for writing is made or changed. false: whether it can be written to shows at the first export.",
    }),
  ),
  volumeAnswerSeconds: setting(
    "CAUSEWAY_VOLUME_ANSWER_SECONDS",
    Type.Integer({
      default: 30,
      minimum: 1,
      description:
        "Seconds that the service of a volume has for all that one call asks of it; then it counts as not reachable (9000).",
    }),
  ),
  exportTypes: setting(
    "CAUSEWAY_EXPORT_TYPES",
    Type.String({
      default: "",
      pattern: "^(|none|(s3|gcs|azure|oss|local)([ ,]+(s3|gcs|azure|oss|local))*)$",
      description:
        "Types of volumes that files may be exported to, of s3, gcs, azure, oss and local, where bytes must stay in one cloud; others are refused (9027). Empty: all.",
    }),
  ),
  exportHosts: setting(
    "CAUSEWAY_EXPORT_HOSTS",
    Type.String({
      default: "",
      description:
        "Hosts of services that files may be exported to, such as minio.lab or *.amazonaws.com, with blanks or commas between; others are refused (9028). Empty: all.",
    }),
  ),
  importObjects: setting(
    "CAUSEWAY_IMPORT_OBJECTS",
    Type.Integer({
      default: 1_000_000,
      minimum: 1,
      description:
        "Objects that the import of one folder may have, and folders; one with more of either fails and makes nothing.",
    }),
  ),
  volumeCa: setting(
    "CAUSEWAY_VOLUME_CA",
    Type.String({
      default: "",
      description: "PEM file with certificates that are trusted beside the system's where volumes are connected to. Empty: none.",
    }),
  ),
  volumeRoots: setting(
    "CAUSEWAY_VOLUME_ROOTS",
    Type.String({
      default: "",
      description:
        'Directories that volumes of type local can be in, as JSON: {"lab_nas": {"path": "/mnt/nas", "mode": "RO"}}. mode: RO or RW. users, teams, divisions: lists of who may make volumes there, by default everybody. uid, gid, umask ("022"): of what is written there. max_names: entries of a directory that can be listed (2000000). Empty: none.',
    }),
  ),
  volumeRoleAccessKeyId: setting(
    "CAUSEWAY_VOLUME_ROLE_ACCESS_KEY_ID",
    Type.String({
      default: "",
      description:
        "Access key of the AWS identity with which the platform assumes the roles of users' volumes. Empty: roles are refused (9034).",
    }),
  ),
  volumeRoleSecretAccessKey: setting(
    "CAUSEWAY_VOLUME_ROLE_SECRET_ACCESS_KEY",
    Type.String({ default: "", description: "Secret of that access key." }),
  ),
  volumeStsEndpoint: setting(
    "CAUSEWAY_VOLUME_STS_ENDPOINT",
    Type.String({ default: "", description: "URL where roles are assumed. Empty: AWS's of the volume's region." }),
  ),
  drsBulkObjects: setting(
    "CAUSEWAY_DRS_BULK_OBJECTS",
    Type.Integer({ default: 200, minimum: 1, description: "Objects that one request of the DRS service may name." }),
  ),
  drsBundleObjects: setting(
    "CAUSEWAY_DRS_BUNDLE_OBJECTS",
    Type.Integer({
      default: 10_000,
      minimum: 1,
      description: "Files and folders, at any depth, of all folders that one request of the DRS service is answered about.",
    }),
  ),
  drsHosts: setting(
    "CAUSEWAY_DRS_HOSTS",
    Type.String({
      default: "",
      description:
        'DRS services that users import objects of, as JSON by the host of their drs: addresses: {"drs.example.org": {"token": "…"}}. token: sent as Authorization: Bearer; whoever may import reads with it what it can read. users: a list of who may, by default everybody. url: where the service is, by default https://HOST. bytes: where its objects may lie beside, as entries of CAUSEWAY_VOLUME_ENDPOINTS (["*.amazonaws.com"]); nothing else is connected to. Empty: none.',
    }),
  ),
  drsImports: setting(
    "CAUSEWAY_DRS_IMPORTS",
    Type.Integer({
      default: 100,
      minimum: 1,
      description: "Imports by DRS of one user that are under way; more are refused (10371).",
    }),
  ),
  drsImportFiles: setting(
    "CAUSEWAY_DRS_IMPORT_FILES",
    Type.Integer({
      default: 500,
      minimum: 1,
      description: "Files that imports by DRS bring in for one user within five minutes; the others follow afterwards.",
    }),
  ),
  documentBytes: documentLimit("bytes"),
  documentDepth: documentLimit("depth"),
  documentEntries: documentLimit("entries"),
  documentSteps: documentLimit("steps"),
  documentPorts: documentLimit("ports"),
  documentSeconds: setting(
    "CAUSEWAY_DOCUMENT_SECONDS",
    Type.Integer({ default: 30, minimum: 1, description: "Seconds that reading and checking a CWL document may take." }),
  ),
  documentMemoryMiB: setting(
    "CAUSEWAY_DOCUMENT_MEMORY_MIB",
    Type.Integer({
      default: 1024,
      minimum: 64,
      description: "MiB of memory that reading and checking a CWL document may take. Up to four documents are read at once.",
    }),
  ),
  documentsWaiting: setting(
    "CAUSEWAY_DOCUMENTS_WAITING",
    Type.Integer({
      default: 20,
      minimum: 1,
      description:
        "CWL documents of one user that may wait to be read, checked or shown; the next request is refused with 429. Users take turns, and tasks that run wait however many there are.",
    }),
  ),
  documentsKeptMib: setting(
    "CAUSEWAY_DOCUMENTS_KEPT_MIB",
    Type.Integer({
      default: 32,
      minimum: 0,
      description:
        "MiB of compiled CWL documents that are kept for the next task; in memory they take a few times as much. 0: each task compiles its document anew.",
    }),
  ),
  bodyBytes: setting(
    "CAUSEWAY_BODY_BYTES",
    Type.Integer({
      default: 8 * 1024 * 1024,
      minimum: 1024,
      description:
        "Bytes that the body of a call may have, other than a part of an upload or an app (twice CAUSEWAY_DOCUMENT_BYTES). Others wait while it is read.",
    }),
  ),
  bodiesMib: setting(
    "CAUSEWAY_BODIES_MIB",
    Type.Integer({
      default: 256,
      minimum: 16,
      description:
        "MiB that the bodies of all requests may take together while they are read and answered, parts of uploads not among them. When it is full, who holds most of it is refused with 429.",
    }),
  ),
  bodyValues: setting(
    "CAUSEWAY_BODY_VALUES",
    Type.Integer({
      default: 100_000,
      minimum: 1000,
      description:
        "Values that the JSON body of a call may have, and the inputs of a task after all changes. Others wait while they are read.",
    }),
  ),
  bodyDepth: setting(
    "CAUSEWAY_BODY_DEPTH",
    Type.Integer({
      default: 100,
      minimum: 10,
      maximum: DEEPEST,
      description: "Lists and objects that may stand inside each other in the JSON body of a call.",
    }),
  ),
  searchCharacters: setting(
    "CAUSEWAY_SEARCH_CHARACTERS",
    Type.Integer({
      default: 20_000,
      minimum: 1000,
      maximum: 50_000,
      description: "Characters that the query of a search may have. Others wait while it is read.",
    }),
  ),
  images: setting(
    "CAUSEWAY_IMAGES",
    Type.Union([Type.Literal("auto"), Type.Literal("ignore")], {
      default: "auto",
      description:
        "auto: tools that name a container image run in it (docker, podman, apptainer or singularity, whichever is found first). ignore: they run on this host's own programs.",
    }),
  ),
  imageGb: setting(
    "CAUSEWAY_IMAGE_GB",
    Type.Integer({
      default: 50,
      minimum: 1,
      description:
        "Gigabytes that the image archive of a task (dockerLoad, dockerImport) may have unpacked, files with holes counted whole.",
    }),
  ),
  imageFiles: setting(
    "CAUSEWAY_IMAGE_FILES",
    Type.Integer({
      default: 2_000_000,
      minimum: 1,
      description: "Files, directories and links that the image archive of a task may have in all its layers.",
    }),
  ),
  isolation: setting(
    "CAUSEWAY_ISOLATION",
    Type.Union([Type.Literal("required"), Type.Literal("none")], {
      default: "required",
      description:
        "required: tools run in a container engine (bubblewrap; docker, podman, apptainer or singularity for those that name an image), and wait, saying so, until there is one. none: where there is none they run all the same, with all rights of this user.",
    }),
  ),
  tasksAtOnce: setting(
    "CAUSEWAY_TASKS_AT_ONCE",
    Type.Integer({
      default: 100,
      minimum: 1,
      description:
        "Tasks that one process drives at once; their jobs wait for free cores and memory. A billing group or user with less than its share of them gets more, up to four times this number in all.",
    }),
  ),
  sharedCores: setting(
    "CAUSEWAY_SHARED_CORES",
    Type.Number({
      default: 1,
      minimum: 0,
      description:
        "How much of the machine's cores may be given out twice, so that a user with no job running need not wait for others' long ones: a first job is started although no core is free. 1: all cores, 0: none.",
    }),
  ),
  jobProcesses: setting(
    "CAUSEWAY_JOB_PROCESSES",
    Type.Integer({
      default: 0,
      minimum: 0,
      description: "Processes and threads that one job may have at once. 0: 512, and 64 more for each core of the machine.",
    }),
  ),
  jobFiles: setting(
    "CAUSEWAY_JOB_FILES",
    Type.Integer({
      default: 1_000_000,
      minimum: 1,
      description: "Files, directories and links that one job may make in its working directory and its scratch space.",
    }),
  ),
  jobDiskGb: setting(
    "CAUSEWAY_JOB_DISK_GB",
    Type.Integer({
      default: 0,
      minimum: 0,
      description:
        "Gigabytes that one job may write at most, holes in files counted. Its tool (outdirMax, tmpdirMax) and the disk of its instance may say less. 0: as much as these say.",
    }),
  ),
  diskReserveMib: setting(
    "CAUSEWAY_DISK_RESERVE_MIB",
    Type.Integer({
      default: 512,
      minimum: 0,
      description:
        "MiB that jobs leave free of the data directory's disk: with less no job starts, and the running one that has written most is ended. 0: they may fill it.",
    }),
  ),
  faultTries: setting(
    "CAUSEWAY_FAULT_TRIES",
    Type.Integer({
      default: 5,
      minimum: 1,
      description:
        "How often the platform tries a task that it fails to run through no fault of the task's, with pauses that grow from 2 seconds to 5 minutes, before the task FAILS. The same for the children of a batch, and for an item of a background copy, move or deletion. Outages of the database, the store or the disk are waited for and not counted.",
    }),
  ),
  batchChildren: setting(
    "CAUSEWAY_BATCH_CHILDREN",
    Type.Integer({ default: 10_000, minimum: 1, description: "Tasks that one batch may become at most." }),
  ),
  stopSeconds: setting(
    "CAUSEWAY_STOP_SECONDS",
    Type.Integer({
      default: 15,
      minimum: 1,
      description:
        "Seconds that requests and work under way get to end once the platform is told to stop; what has not ended then is broken off, and the next start takes it up. The embedded database may take 9 more. A second signal does not wait.",
    }),
  ),
  accessLog: setting(
    "CAUSEWAY_ACCESS_LOG",
    Type.String({
      default: "",
      description:
        "File to which one JSON line is appended for every call of the API: when, what, by whom, with which client, how it ended. Empty: none.",
    }),
  ),
  logLevel: setting(
    "CAUSEWAY_LOG",
    Type.Union(
      [Type.Literal("debug"), Type.Literal("info"), Type.Literal("warn"), Type.Literal("error"), Type.Literal("silent")],
      { default: "info", description: "Least severe level that is logged: debug, info, warn, error or silent." },
    ),
  ),
  logFormat: setting(
    "CAUSEWAY_LOG_FORMAT",
    Type.Union([Type.Literal("auto"), Type.Literal("json"), Type.Literal("text")], {
      default: "auto",
      description: "json: an object a line, for programs; text: for people. auto: text on a terminal, json elsewhere.",
    }),
  ),
} as const;

export type Settings = { readonly [Name in keyof typeof SETTINGS]: Static<(typeof SETTINGS)[Name]["schema"]> };

interface Setting<Schema extends TSchema> {
  readonly variable: string;
  readonly schema: Schema;
}

function setting<Schema extends TSchema>(variable: string, schema: Schema): Setting<Schema> {
  return { variable, schema };
}

function documentLimit(name: keyof LoadLimits) {
  const { variable, default: value, description } = DOCUMENT_LIMITS[name];
  const maximum = name === "depth" ? { maximum: DEEPEST } : {};
  return setting(variable, Type.Integer({ default: value, minimum: 1, ...maximum, description }));
}

/**
 * The settings that `environment` gives. A variable's value may also be in a file named by `<VARIABLE>_FILE`, the way
 * secrets are mounted.
 *
 * @throws Error listing every variable that does not fit, with what is allowed.
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const problems: string[] = [];
  const entries = Object.entries(SETTINGS).map(([name, { variable, schema }]) => {
    const file = environment[`${variable}_FILE`];
    const text = environment[variable] ?? (file === undefined ? undefined : readFileSync(file, "utf8").trim());
    const value = text === undefined || text === "" ? Value.Create(schema) : Value.Convert(schema, text);
    if (!Value.Check(schema, value))
      problems.push(`${variable}=${text} does not fit: ${(schema as { description?: string }).description}`);
    return [name, value];
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return Object.fromEntries(entries) as Settings;
}

/** The manual of all settings: one entry each, as `causeway settings` prints it. */
export function settingsManual(): { variable: string; default: unknown; description: string }[] {
  return Object.values(SETTINGS).map(({ variable, schema }) => ({
    variable,
    default: Value.Create(schema),
    description: (schema as { description?: string }).description ?? "",
  }));
}
