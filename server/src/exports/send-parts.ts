import { isFault, type UploadedPart, type VolumeUpload, type WriteOptions, type WrittenObject } from "@causeway/storage";
import { GoOnLater } from "../volumes/jobs/job-work.ts";
import { forgetJobFaults } from "../volumes/jobs/queries.ts";
import { acknowledgedParts, forgetUpload, noteExport, notePart } from "./queries.ts";
import { uploadAbout } from "./sealed-uploads.ts";
import { checkSource, type Sending } from "./sending.ts";

/** Parts that are sent at once. */
const AT_ONCE = 4;
/** The work item is given back after so long, so that nobody takes it for dead. */
const TURN_MS = 30 * 60_000;

/**
 * Sends a file in parts, or those that are not there yet. The last one goes when the source was read whole and is what
 * was stored: until then there is no object.
 *
 * @throws VolumeError `ObjectExists`; `NoSuchUpload` when the upload is gone, which is then forgotten
 */
export async function sendParts(sending: Sending, options: WriteOptions & { ifAbsent: boolean }): Promise<WrittenObject> {
  const { db, store, job, signal } = sending;
  const upload = await openedUpload(sending, options);
  const giveUp = new AbortController();
  const ended = AbortSignal.any([signal, giveUp.signal]);
  try {
    // Read beside the sending: the one waits for the disk, the other for the network.
    const checked = checkSource({ ...sending, signal: ended });
    checked.catch((error) => giveUp.abort(error));
    const parts = await sendMissing({ ...sending, signal: ended }, upload, checked);
    return await store.completeUpload(upload, parts, { signal });
  } catch (error) {
    const cause = giveUp.signal.aborted && !signal.aborted ? giveUp.signal.reason : error;
    giveUp.abort(cause);
    if (isFault(cause, "NoSuchUpload")) {
      await forgetUpload(db, job.id);
      job.upload = null;
    }
    throw cause;
  }
}

/** The upload that the job has opened before, or a new one. */
async function openedUpload(
  { db, secrets, store, job, bytes, signal }: Sending,
  options: WriteOptions & { ifAbsent: boolean },
): Promise<VolumeUpload> {
  if (job.upload !== null) return JSON.parse(await secrets.open(job.upload, uploadAbout(job.id))) as VolumeUpload;
  const upload = await store.openUpload(job.location, bytes.size, { ...options, signal });
  try {
    await db.transaction().execute(async (tx) => {
      const sealed = await secrets.seal(tx, JSON.stringify(upload), uploadAbout(job.id));
      await noteExport(tx, job.id, { upload: sealed });
      job.upload = sealed;
    });
  } catch (error) {
    // Nobody would know of it.
    await store.removeUpload(upload).catch(() => {});
    throw error;
  }
  return upload;
}

async function sendMissing(sending: Sending, upload: VolumeUpload, checked: Promise<void>): Promise<UploadedPart[]> {
  const { db, store, blobs, job, bytes, signal } = sending;
  const count = Math.ceil(upload.size / upload.partSize);
  const parts = await storedParts(sending, upload);
  const until = Date.now() + TURN_MS;

  async function send(number: number): Promise<void> {
    if (Date.now() > until) throw new GoOnLater();
    const offset = (number - 1) * upload.partSize;
    const size = Math.min(upload.partSize, upload.size - offset);
    const open = () => blobs.open(bytes.key, { offset, length: size });
    const part = await store.writePart(upload, number, { size, open }, { signal });
    parts.set(number, part);
    await forgetJobFaults(db, "exports", job.id);
    await notePart(db, job.id, part);
  }

  const missing = Array.from({ length: count - 1 }, (_, index) => index + 1).filter((number) => !parts.has(number));
  const waiting = missing.values();
  const sendOn = async () => {
    for (const number of waiting) await send(number);
  };
  await Promise.all(Array.from({ length: upload.inOrder ? 1 : AT_ONCE }, sendOn));
  await checked;
  if (!parts.has(count)) await send(count);
  return Array.from({ length: count }, (_, index) => parts.get(index + 1)!);
}

/**
 * The parts that are there, by number, as this job knows them. A part whose answer it has not seen is sent again: some
 * services keep one whose sender was killed as if it were whole. Where parts go in order, the service says how far it got.
 */
async function storedParts({ db, store, job, signal }: Sending, upload: VolumeUpload): Promise<Map<number, UploadedPart>> {
  const acknowledged = await acknowledgedParts(db, job.id);
  const stored = await store.listParts(upload, { signal });
  const known = stored.flatMap((part) => {
    const noted = acknowledged.get(part.number);
    if (noted?.etag === part.etag) return [{ ...part, verified: noted.verified }];
    return upload.inOrder ? [{ ...part, verified: false }] : [];
  });
  return new Map(known.map((part) => [part.number, part]));
}
