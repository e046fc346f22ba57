import {
  type BlobStore,
  hashBlob,
  hashStream,
  isFault,
  type ObjectBody,
  VolumeError,
  type VolumeObject,
  type VolumeStore,
  type WrittenObject,
} from "@causeway/storage";
import { writeOptionsOf } from "../volumes/probing.ts";
import { type ExportRow, noteExport } from "./queries.ts";
import { sendParts } from "./send-parts.ts";
import { checkSource, type Sending } from "./sending.ts";

/** The object as it was written. */
export interface Exported {
  etag: string;
  modifiedAt: Date;
}

/** Metadata of the object that names the job which wrote it: after a crash the job knows it for its own. */
export const EXPORT_MARK = "causeway_export";
/** Larger files are sent in parts: several at once, and what was sent is not sent again after a crash. */
const WHOLE_AT_MOST = 32 * 2 ** 20;
/** A file is copied in one piece where the volume is a directory: the file system may not even have to read it. */
const COPIED_AT_MOST = 4 * 2 ** 30;

/**
 * Writes the object, or finds that it was written by this job before, and verifies it.
 *
 * @throws VolumeError, `ObjectExists` for one that is not the job's own, `BodyDamaged` when it is not what was sent
 */
export async function sendObject(sending: Sending): Promise<Exported> {
  const { db, store, job, signal } = sending;
  // From then on, what is found there can be the job's own.
  if (!job.writing) {
    if (!job.overwrite) await refuseExisting(store, job, signal);
    await noteExport(db, job.id, { writing: true });
    job.writing = true;
  }
  let written: WrittenObject | undefined;
  try {
    written = await write(sending);
  } catch (error) {
    if (!isFault(error, "ObjectExists", "NoSuchUpload")) throw error;
    // The answer to an earlier attempt was lost, or whoever had it was killed.
    const own = await findOwn(sending);
    if (!own) throw error;
    return own;
  }
  const found = await store.stat(job.location, { signal });
  if (found.size !== sending.bytes.size || found.etag !== written.etag)
    throw new VolumeError("BodyDamaged", { action: "write", detail: "it was replaced while it was verified" });
  if (!written.verified) await readBack(sending, found);
  return { etag: found.etag, modifiedAt: found.modifiedAt };
}

async function refuseExisting(store: VolumeStore, { location }: ExportRow, signal: AbortSignal): Promise<void> {
  try {
    await store.stat(location, { signal });
  } catch (error) {
    if (isFault(error, "NoSuchObject")) return;
    throw error;
  }
  throw new VolumeError("ObjectExists", { action: "write" });
}

async function write(sending: Sending): Promise<WrittenObject> {
  const { store, blobs, job, bytes, signal } = sending;
  const options = {
    ...writeOptionsOf(job.properties),
    ifAbsent: !job.overwrite,
    userMetadata: { [EXPORT_MARK]: job.id },
    signal,
  };
  if (store.putFile && blobs.localPath && bytes.size <= COPIED_AT_MOST) {
    await checkSource(sending);
    return store.putFile(job.location, await blobs.localPath(bytes.key), options);
  }
  if (bytes.size > WHOLE_AT_MOST) return sendParts(sending, options);
  await checkSource(sending);
  return store.put(job.location, bodyOf(blobs, bytes), options);
}

const bodyOf = (blobs: BlobStore, { key, size }: { key: string; size: number }): ObjectBody => ({
  size,
  open: () => blobs.open(key),
});

/** The object at the location, if this job has written it; verified. */
async function findOwn(sending: Sending): Promise<Exported | undefined> {
  const { store, job, bytes, signal } = sending;
  const found = await store.stat(job.location, { signal }).catch((error: unknown) => {
    if (isFault(error, "NoSuchObject")) return undefined;
    throw error;
  });
  if (found?.size !== bytes.size) return undefined;
  // A directory keeps no metadata: there the same bytes are the job's own.
  if (store.service !== "local" && found.userMetadata[EXPORT_MARK] !== job.id) return undefined;
  try {
    await readBack(sending, found);
  } catch (error) {
    if (store.service === "local" && isFault(error, "BodyDamaged")) return undefined;
    throw error;
  }
  return { etag: found.etag, modifiedAt: found.modifiedAt };
}

/** Reads what was written where the service has said nothing of its checksum. */
async function readBack({ store, blobs, job, bytes, signal }: Sending, { etag }: VolumeObject): Promise<void> {
  const expected = bytes.sha256 ?? (await hashBlob(blobs, bytes.key, { signal })).sha256;
  const opened = await store.open(job.location, { ifMatch: etag, signal });
  const found = await hashStream(opened.bytes);
  if (found.size !== bytes.size || found.sha256 !== expected)
    throw new VolumeError("BodyDamaged", { action: "write", detail: "it was read back" });
}
