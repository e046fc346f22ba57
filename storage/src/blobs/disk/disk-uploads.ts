import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { codeOf, PartCut, UploadMissing } from "../blob-errors.ts";
import type { BlobUpload, HashedBlob, NamedPart, StoredBlob, StoredPart, UploadRef } from "../blob-store.ts";
import { etagOf } from "../hash-stream.ts";
import { pickParts } from "../part-list.ts";
import { asideName, assemble } from "./assembly.ts";
import { PRIVATE_DIRECTORY, PRIVATE_FILE, publish, syncDirectory } from "./durable-files.ts";
import { writeGathered } from "./gathered-write.ts";
import type { Incoming } from "./incoming.ts";
import { hasEnded, THIS_PROCESS } from "./process-name.ts";
import { Turns } from "./turns.ts";
import { UploadJournal } from "./upload-journal.ts";
import type { AssembledBlob, PlacedPart, Slot, UploadState } from "./upload-state.ts";

/** Journals whose state is kept in memory; others are read again from their beginning, at about 10 ms for 10,000 parts. */
const JOURNALS_KEPT = 256;
const UPLOAD_ID = /^[a-z0-9][a-z0-9._-]*~[0-9a-f]{16}$/;

/** What goes on in this process, by any store: the journal tells only processes apart. */
const writing = new Set<string>();
const completions = new Turns();
/**
 * The system lets one writer at a time into a file, and none during most of a sync. Writers that wait there spin, and
 * hold the few threads that Node has for files: four parts at once took twice the CPU of one. So they wait here.
 */
const slotWrites = new Turns();

/**
 * Uploads in parts on disk. Each has a directory: `bytes` (the file of slots, which becomes the blob), `journal`, and a
 * file `aside-<writer>` for every part that could not go to its slot. See `UploadEvent` for the scheme.
 */
export class DiskUploads {
  readonly #directory: string;
  readonly #incoming: Incoming;
  readonly #journals = new Map<string, UploadJournal>();

  constructor(directory: string, incoming: Incoming) {
    this.#directory = directory;
    this.#incoming = incoming;
  }

  async open(key: string, partSize: number): Promise<BlobUpload> {
    const id = `${key}~${randomBytes(8).toString("hex")}`;
    await this.#incoming.build(async (path) => {
      await mkdir(path, PRIVATE_DIRECTORY);
      for (const name of ["bytes", "journal"]) await (await open(join(path, name), "wx", PRIVATE_FILE)).close();
      await syncDirectory(path);
      await publish(path, this.#path(id));
    });
    return { key, id, partSize };
  }

  async *list(): AsyncIterable<UploadRef & { openedAt: Date }> {
    for (const id of await readdir(this.#directory)) {
      if (!UPLOAD_ID.test(id)) continue;
      const openedAt = await this.#openedAt(id);
      // One that has ended since the directory was read is none any more.
      if (openedAt) yield { key: id.slice(0, id.indexOf("~")), id, openedAt };
    }
  }

  async #openedAt(id: string): Promise<Date | undefined> {
    try {
      return (await stat(join(this.#directory, id))).birthtime;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  async parts(upload: BlobUpload): Promise<StoredPart[]> {
    const { parts } = await this.#journal(upload.id).read();
    return [...parts.values()].map(({ number, size, etag }) => ({ number, size, etag })).sort((a, b) => a.number - b.number);
  }

  async write(upload: BlobUpload, number: number, bytes: Readable, length: number | undefined): Promise<StoredPart> {
    const writer = randomBytes(8).toString("hex");
    writing.add(writer);
    try {
      const mayFit = length !== undefined && length <= upload.partSize;
      const place = mayFit && (await this.#claimSlot(upload.id, number, writer)) ? "slot" : "aside";
      try {
        const { size, sha256 } = await this.#writeBody(upload, number, bytes, length, place, writer);
        const stored = { is: "stored", part: number, writer, place, size, sha256 } as const;
        const state = await this.#journal(upload.id).append(stored, { durable: true });
        for (const earlier of state.superseded.splice(0)) await rm(this.#aside(upload.id, earlier), { force: true });
        return { number, size, etag: etagOf(sha256) };
      } catch (error) {
        await this.#undo(upload.id, number, place, writer);
        throw error;
      }
    } finally {
      writing.delete(writer);
    }
  }

  /**
   * Makes one synced file of the parts named and hands it to `finish`. Completions of one upload wait for each other.
   * Repeated after a crash, it goes on where it was: `finish` gets a path at which nothing is when it ran before.
   */
  async complete(upload: BlobUpload, named: readonly NamedPart[], finish: (path: string) => Promise<void>): Promise<StoredBlob> {
    return completions.take(this.#path(upload.id), () => this.#complete(upload, named, finish));
  }

  async remove({ id }: UploadRef): Promise<void> {
    this.#journals.delete(id);
    await this.#incoming.discard(this.#path(id));
  }

  async #complete(upload: BlobUpload, named: readonly NamedPart[], finish: (path: string) => Promise<void>): Promise<StoredBlob> {
    const { assembled } = await this.#journal(upload.id).read();
    const { file, ...blob } = assembled ?? (await this.#assemble(upload, named));
    await finish(join(this.#path(upload.id), file));
    await this.remove(upload);
    return blob;
  }

  async #assemble(upload: BlobUpload, named: readonly NamedPart[]): Promise<AssembledBlob> {
    const journal = this.#journal(upload.id);
    const parts = pickParts(named, (await journal.read()).parts);
    const state = await this.#seal(upload.id);
    const assembled = await assemble({
      directory: this.#path(upload.id),
      partSize: upload.partSize,
      parts,
      state,
      isAtWork: (slot) => this.#isAtWork(slot),
    });
    // From here on a repetition only goes on: the file may have its new name already, and must not be made again without it.
    await journal.append({ is: "assembled", ...assembled }, { durable: true });
    return assembled;
  }

  /** Ends the claims to slots: what is claimed after this goes aside. Only the sealing process may change the file of slots. */
  async #seal(id: string): Promise<UploadState> {
    const journal = this.#journal(id);
    const { sealedBy } = await journal.read();
    const instead = sealedBy === THIS_PROCESS || (sealedBy && hasEnded(sealedBy)) ? sealedBy : undefined;
    const state = await journal.append({ is: "sealed", process: THIS_PROCESS, instead }, { durable: true });
    if (state.sealedBy !== THIS_PROCESS) throw new Error(`upload ${id} is being completed by another process`);
    return state;
  }

  async #claimSlot(id: string, number: number, writer: string): Promise<boolean> {
    const journal = this.#journal(id);
    const state = await journal.read();
    const slot = state.slots.get(number);
    if (state.sealedBy || slot?.written || (slot && this.#isAtWork(slot))) return false;
    // Not durable yet: if power fails, so does every writer; and the record of the part makes its claim durable too.
    const claim = { is: "claimed", part: number, writer, process: THIS_PROCESS, instead: slot?.writer } as const;
    const after = await journal.append(claim, { durable: false });
    return after.slots.get(number)?.writer === writer;
  }

  async #writeBody(
    upload: BlobUpload,
    number: number,
    bytes: Readable,
    length: number | undefined,
    place: PlacedPart["place"],
    writer: string,
  ): Promise<HashedBlob> {
    const isSlot = place === "slot";
    const file = await this.#openBody(upload.id, isSlot ? "bytes" : asideName(writer), isSlot ? "r+" : "wx");
    try {
      const target = isSlot ? inTurn(file, this.#path(upload.id)) : file;
      const written = await writeGathered(target, bytes, isSlot ? (number - 1) * upload.partSize : 0, length);
      if (length !== undefined && written.size !== length) throw new PartCut(number, length, written.size);
      await target.datasync();
      if (!isSlot) await syncDirectory(this.#path(upload.id));
      return written;
    } finally {
      await file.close();
    }
  }

  async #openBody(id: string, name: string, flags: string): Promise<FileHandle> {
    try {
      return await open(join(this.#path(id), name), flags, PRIVATE_FILE);
    } catch (error) {
      throw codeOf(error) === "ENOENT" ? new UploadMissing(id, { cause: error }) : error;
    }
  }

  /** Gives back what a failed write holds, unless its record reached the journal all the same: then the part stands. */
  async #undo(id: string, number: number, place: PlacedPart["place"], writer: string): Promise<void> {
    try {
      const { parts } = await this.#journal(id).read();
      if (parts.get(number)?.writer === writer) return;
      if (place === "aside") await rm(this.#aside(id, writer), { force: true });
      else await this.#journal(id).append({ is: "released", part: number, writer }, { durable: false });
    } catch {
      // The first error is the one to tell. A claim that could not be released is taken over by the next writer, and
      // a file left aside goes with the upload.
    }
  }

  #isAtWork({ writer, process }: Slot): boolean {
    return process === THIS_PROCESS ? writing.has(writer) : !hasEnded(process);
  }

  #journal(id: string): UploadJournal {
    const journal = this.#journals.get(id) ?? new UploadJournal(join(this.#path(id), "journal"), id);
    this.#journals.delete(id);
    this.#journals.set(id, journal);
    const [oldest] = this.#journals.keys();
    if (this.#journals.size > JOURNALS_KEPT && oldest) this.#journals.delete(oldest);
    return journal;
  }

  #aside(id: string, writer: string): string {
    return join(this.#path(id), asideName(writer));
  }

  #path(id: string): string {
    if (!UPLOAD_ID.test(id)) throw new TypeError(`not an upload id: ${JSON.stringify(id)}`);
    return join(this.#directory, id);
  }
}

function inTurn(file: FileHandle, path: string): Pick<FileHandle, "writev" | "datasync"> {
  return {
    writev: (buffers, position) => slotWrites.take(path, () => file.writev(buffers, position)),
    datasync: () => slotWrites.take(path, () => file.datasync()),
  };
}
