import { reasonOf } from "../../api/client.ts";
import type { DroppedFile } from "./dropped-files.ts";
import { createFolders } from "./folders.ts";
import { sendFile } from "./send-file.ts";

export interface FailedUpload {
  name: string;
  why: string;
  /** Absent: it could not even be read. */
  again?: Upload;
}

export interface UploadState {
  /** Found so far; more may be found while a large folder is read. */
  files: number;
  bytes: number;
  done: number;
  skipped: number;
  sentBytes: number;
  /** Bytes a second, of the last seconds. */
  speed: number;
  failed: readonly FailedUpload[];
  isReading: boolean;
  isActive: boolean;
}

interface Upload extends DroppedFile {
  parent: string;
}

const NOTHING: UploadState = {
  files: 0,
  bytes: 0,
  done: 0,
  skipped: 0,
  sentBytes: 0,
  speed: 0,
  failed: [],
  isReading: false,
  isActive: false,
};

/** More would wait for the browser, which has six connections for a host. */
const FILES_AT_ONCE = 4;
const TELL_EVERY_MS = 250;
/** The speed is that of the last so many tellings. */
const SPEED_OVER = 20;

/** What is being uploaded, whatever screen is shown. */
class UploadQueue {
  #state = NOTHING;
  readonly #listeners = new Set<() => void>();
  readonly #doneListeners = new Set<(parent: string) => void>();
  readonly #waiting: Upload[] = [];
  readonly #folders = createFolders();
  #running = 0;
  /** Drops whose files are still being found. */
  #reading = 0;
  #sentBefore: number[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #stop = new AbortController();

  readonly state = (): UploadState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Calls back with the folder whenever files have arrived in it or below it. */
  onArrival(listener: (parent: string) => void): () => void {
    this.#doneListeners.add(listener);
    return () => this.#doneListeners.delete(listener);
  }

  /** Uploads to a folder, in the folders that the files were found in. */
  async add(parent: string, files: AsyncIterable<DroppedFile> | Iterable<DroppedFile>): Promise<void> {
    this.#begin();
    this.#reading += 1;
    this.#change({ isReading: true });
    const { signal } = this.#stop;
    try {
      for await (const dropped of files) {
        if (signal.aborted) break;
        this.#change({ files: this.#state.files + 1, bytes: this.#state.bytes + dropped.file.size });
        this.#waiting.push({ ...dropped, parent });
        this.#work();
      }
    } catch (error) {
      // The browser may not read it, or it has gone from the disk.
      this.#fail({ name: "The rest of the folder", why: reasonOf(error) });
    }
    this.#reading -= 1;
    this.#change({ isReading: this.#reading > 0 });
    this.#work();
  }

  /** Tries those once more that failed. */
  retry(): void {
    const failed = this.#state.failed.flatMap(({ again }) => again ?? []);
    this.#begin();
    this.#change({ failed: [] });
    this.#waiting.push(...failed);
    this.#work();
  }

  /** Gives up what has not arrived yet. */
  cancel(): void {
    this.#waiting.length = 0;
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  clear(): void {
    if (!this.#state.isActive) this.#change(NOTHING);
  }

  #begin(): void {
    if (this.#state.isActive) return;
    if (this.#state.failed.length === 0) this.#change(NOTHING);
    this.#change({ isActive: true });
    this.#sentBefore = [];
    this.#timer = setInterval(() => this.#tell(), TELL_EVERY_MS);
    addEventListener("beforeunload", askFirst);
  }

  #work(): void {
    while (this.#running < FILES_AT_ONCE && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#send(this.#waiting.shift()!).finally(() => {
        this.#running -= 1;
        this.#work();
      });
    }
    if (this.#running > 0 || this.#waiting.length > 0 || this.#state.isReading) return;
    clearInterval(this.#timer);
    removeEventListener("beforeunload", askFirst);
    this.#change({ isActive: false, speed: 0 });
    this.#tell();
  }

  async #send(upload: Upload): Promise<void> {
    const { signal } = this.#stop;
    let counted = 0;
    const onSent = (bytes: number) => {
      counted += bytes;
      this.#change({ sentBytes: this.#state.sentBytes + bytes });
    };
    try {
      const parent = await this.#folders.at(upload.parent, upload.folders, signal);
      const sent = await sendFile({ parent, file: upload.file, signal, onSent });
      onSent(upload.file.size - counted);
      this.#change(sent === "sent" ? { done: this.#state.done + 1 } : { skipped: this.#state.skipped + 1 });
      for (const listener of this.#doneListeners) listener(upload.parent);
    } catch (error) {
      // It is counted again when it is tried again.
      onSent(-counted);
      this.#fail({ name: upload.file.name, why: signal.aborted ? "given up" : reasonOf(error), again: upload });
    }
  }

  #fail(failed: FailedUpload): void {
    this.#change({ failed: [...this.#state.failed, failed] });
  }

  #change(change: Partial<UploadState>): void {
    this.#state = { ...this.#state, ...change };
    if (!this.#timer || !this.#state.isActive) this.#tell();
  }

  #tell(): void {
    this.#sentBefore.push(this.#state.sentBytes);
    if (this.#sentBefore.length > SPEED_OVER) this.#sentBefore.shift();
    const seconds = ((this.#sentBefore.length - 1) * TELL_EVERY_MS) / 1000;
    const speed = seconds > 0 && this.#state.isActive ? (this.#state.sentBytes - this.#sentBefore[0]!) / seconds : 0;
    this.#state = { ...this.#state, speed };
    for (const listener of this.#listeners) listener();
  }
}

const askFirst = (event: BeforeUnloadEvent) => event.preventDefault();

export const uploads = new UploadQueue();
