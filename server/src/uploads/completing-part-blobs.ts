import { Readable } from "node:stream";
import { BlobMissing, type BlobStore, type StoredBytes } from "@causeway/storage";
import { sql } from "kysely";
import type { Database, Tx } from "../db/database.ts";
import { gathering } from "../db/gathering.ts";
import type { File } from "../files/service.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { Completion, CompletionDeps, CompletionRules } from "./completion-rules.ts";
import { lockUploads, markUploadsCompleted, partKeysOf } from "./part-blob-queries.ts";
import { asPart } from "./part-blobs.ts";
import { matchReports, type ReportedPart, refuseIncomplete } from "./parts.ts";
import type { CompletableUpload, PartBlob } from "./queries.ts";

/** A batch does not wait longer for what others hold: whoever is alone waits for it, and the others go on. */
const LOCK_TIMEOUT_MS = 100;

/** An upload whose bytes are stored: `parts` are the keys of the blobs that they were sent as. */
interface Ready {
  actor: Actor;
  upload: CompletableUpload;
  blob: StoredBytes;
  parts: readonly string[];
}

/** What a completion is answered, and the keys of blobs that were its parts and are no file. */
interface Placed {
  answer: File | ApiError;
  dropped: readonly string[];
}

export interface PartBlobCompletionDeps {
  db: Database;
  store: BlobStore;
  rules: CompletionRules;
  features: CompletionDeps;
}

/**
 * Completes an upload whose parts are blobs of their own. Nothing is joined as a rule, so all that is left is rows: those
 * of uploads that are completed at one moment are written by one transaction.
 */
export function createPartBlobCompletion({ db, store, rules, features: { fileContents, files } }: PartBlobCompletionDeps) {
  const placeTogether = (ready: readonly Ready[]) => db.transaction().execute((tx) => placeAll(tx, ready));
  const place = gathering(placeTogether);

  return async ({ actor, reports }: Completion, upload: CompletableUpload): Promise<File> => {
    if (upload.file_id !== null) return files.get(actor, upload.file_id);
    const parts = namedParts(upload, rules.reportsFor(upload, reports));
    const ready = { actor, upload, blob: await bytesOf(upload, parts), parts: parts.map(({ key }) => key) };
    // What replaces a file may be replaced by the next: it is answered before.
    const { answer, dropped } = upload.overwrite ? (await placeTogether([ready]))[0]! : await place(ready);
    if (answer instanceof ApiError) throw answer;
    // When the process is killed before, the sweep does it.
    for (const key of dropped) await store.remove(key);
    return answer;
  };

  /** The parts of the file in their order. @throws ApiError `uploadPartReportInvalid`, `uploadCompleteFailed` */
  function namedParts({ blobs, reports: before, size }: CompletableUpload, reports: readonly ReportedPart[]): PartBlob[] {
    const stored = new Map(blobs.map((blob) => [blob.number, asPart(blob)]));
    const now = new Map(matchReports(reports, stored).map((part) => [part.number, part]));
    const named = [...before.filter(({ number }) => !now.has(number)), ...now.values()].sort((a, b) => a.number - b.number);
    refuseIncomplete(named, size);
    return named.map(({ number, etag }) => {
      if (stored.get(number)?.etag !== etag) throw sentAgain(number);
      return blobs.find((blob) => blob.number === number)!;
    });
  }

  /** The one part that has bytes, as it is; else the parts joined under the upload's own key. */
  async function bytesOf(upload: CompletableUpload, parts: readonly PartBlob[]): Promise<StoredBytes> {
    const filled = parts.filter(({ size }) => size > 0);
    const only = filled.length === 1 ? filled[0] : filled.length === 0 ? parts[0] : undefined;
    if (only) return { key: only.key, size: only.size, sha256: only.sha256 };
    async function* joined() {
      for (const { key } of filled) yield* await store.open(key);
    }
    try {
      return { key: upload.blob_key, ...(await store.put(upload.blob_key, Readable.from(joined(), { objectMode: false }))) };
    } catch (error) {
      if (!(error instanceof BlobMissing)) throw error;
      throw new ApiError("uploadCompleteFailed", "A part was sent again meanwhile.", { cause: error });
    }
  }

  async function placeAll(tx: Tx, ready: readonly Ready[]): Promise<Placed[]> {
    if (ready.length > 1) await sql`set local lock_timeout = ${sql.lit(LOCK_TIMEOUT_MS)}`.execute(tx);
    const ids = [...new Set(ready.map(({ upload }) => upload.id))];
    const locked = await lockUploads(tx, ids);
    const keys = await partKeysOf(tx, ids);
    const outcomes = new Map<string, string | ApiError>();
    const toAdd = new Map<string, Ready>();
    for (const one of ready) {
      const { id } = one.upload;
      const became = locked.get(id);
      if (became === undefined) outcomes.set(id, new ApiError("uploadNotFound"));
      else if (became !== null) outcomes.set(id, became);
      // The upload is locked, so its parts stay as they are: a blob that was replaced is none of them any more.
      else if (one.parts.every((key) => keys.has(key))) toAdd.set(id, one);
      else if (!toAdd.has(id)) outcomes.set(id, sentAgain());
    }
    const adding = [...toAdd.values()];
    const added = await fileContents.addMany(
      tx,
      adding.map(({ upload: { project_id: projectId, parent, name }, blob }) => ({ projectId, parent, name, blob })),
      adding[0]?.upload.overwrite ? "replace" : "refuse",
    );
    for (const [index, { upload }] of adding.entries()) {
      const result = added[index]!;
      outcomes.set(upload.id, "id" in result ? result.id : refusalOf(result.refused));
    }
    const completed = adding.flatMap(({ upload: { id } }, index) => {
      const result = added[index]!;
      return "id" in result ? [{ id, file: result.id }] : [];
    });
    const parts = await markUploadsCompleted(tx, completed);
    const used = new Set(adding.map(({ blob }) => blob.key));
    const answers = await filesOf(tx, ready, outcomes);
    return ready.map(({ upload: { id } }, index) => ({
      answer: answers[index]!,
      dropped: parts.filter((part) => part.uploadId === id && !used.has(part.key)).map(({ key }) => key),
    }));
  }

  /** What each is answered: its file as its own user sees it. */
  async function filesOf(tx: Tx, ready: readonly Ready[], outcomes: ReadonlyMap<string, string | ApiError>) {
    const answers = new Map<Ready, File | ApiError>();
    for (const ofActor of Map.groupBy(ready, ({ actor }) => actor.id).values()) {
      const ids = ofActor.map(({ upload }) => outcomes.get(upload.id)!).filter((outcome) => typeof outcome === "string");
      const found = await files.getManyWithin(tx, ofActor[0]!.actor, ids);
      for (const one of ofActor) {
        const outcome = outcomes.get(one.upload.id)!;
        answers.set(one, typeof outcome === "string" ? (found.get(outcome) ?? new ApiError("fileNotFound")) : outcome);
      }
    }
    return ready.map((one) => answers.get(one)!);
  }
}

const sentAgain = (number?: number) =>
  new ApiError(
    "uploadCompleteFailed",
    `${number === undefined ? "A part" : `Part ${number}`} was sent again after it was named.`,
  );

const refusalOf = (refused: "folderMissing" | "nameTaken") =>
  new ApiError(refused === "nameTaken" ? "uploadFileExists" : "uploadFileNotFound");
