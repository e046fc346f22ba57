import type { ErrorKind, Operation } from "@causeway/contract";
import { isFull } from "@causeway/storage";

/** What the calls of a tag answer while what they stand on is away. */
export const UNAVAILABLE = {
  general: "serviceUnavailable",
  users: "userServiceUnavailable",
  divisions: "userServiceUnavailable",
  teams: "userServiceUnavailable",
  projects: "projectServiceUnavailable",
  billing: "billingServiceUnavailable",
  files: "fileServiceUnavailable",
  bulk: "fileServiceUnavailable",
  async: "fileServiceUnavailable",
  markers: "fileServiceUnavailable",
  volumes: "serviceUnavailable",
  apps: "appServiceUnavailable",
  tasks: "taskServiceUnavailable",
  uploads: "uploadServiceUnavailable",
  search: "searchServiceUnavailable",
  drs: "fileServiceUnavailable",
  operator: "serviceUnavailable",
  web: "serviceUnavailable",
} as const satisfies Record<Operation["tag"], ErrorKind>;

/**
 * Whether `error`, or what caused it, says that the database or the blob store cannot be reached or takes nothing more
 * now: the caller did nothing wrong and neither did we, and the same call works when they are back.
 */
export function isOutage(error: unknown): boolean {
  for (let here = error; here instanceof Error; here = here.cause) {
    const { code, syscall, $fault: fault } = here as { code?: unknown; syscall?: unknown; $fault?: unknown };
    // A connection that is not even made: refused, no such host, no such socket.
    if (syscall === "connect" || syscall === "getaddrinfo") return true;
    // What the client of S3 says when the other side failed.
    if (fault === "server") return true;
    if (typeof code === "string" && (SYSTEM.has(code) || POSTGRES.test(code))) return true;
    if (here.name === "StorageFull" || here.name === "StoreAway" || CONNECTION_LOST.test(here.message)) return true;
  }
  return false;
}

/** Whether `error`, or what caused it, says that a disk is full: of files, of jobs or of the database. */
export function isAnyFull(error: unknown): boolean {
  for (let here = error; here instanceof Error; here = here.cause)
    if ((here as { code?: unknown }).code === DISK_FULL) return true;
  return isFull(error);
}

/** PostgreSQL's `disk_full`. */
const DISK_FULL = "53100";

/** The directory of the blobs, or the disk below it, is not what it was, or the line to a server broke. */
const SYSTEM: ReadonlySet<string> = new Set([
  ...["ENOTDIR", "EACCES", "EPERM", "EROFS", "EIO", "ENXIO", "ENODEV", "ESTALE", "ENOSPC", "EDQUOT", "EMFILE", "ENFILE"],
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"],
]);

/**
 * PostgreSQL's codes: connection exceptions (08), insufficient resources (53), stopping, crashed or starting (57P01 to
 * 57P03), read-only since a failover (25006), no such database (3D000).
 */
const POSTGRES = /^(08\w{3}|53\w{3}|57P0[1-3]|25006|3D000)$/;

/** The driver's errors without a code. */
const CONNECTION_LOST = /^Connection terminated|^timeout exceeded when trying to connect|connection error and is not queryable/;
