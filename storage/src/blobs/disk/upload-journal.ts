import { constants, type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { codeOf, UploadMissing } from "../blob-errors.ts";
import { etagOf } from "../hash-stream.ts";
import { apply, emptyUpload, type UploadEvent, type UploadState } from "./upload-state.ts";

/**
 * The append-only file that says what has happened to an upload. A line is `<crc32> <JSON>`; one that was torn by a
 * crash or a full disk fails its checksum and counts as never written. Several processes may append: the system orders
 * them (O_APPEND), which holds on local and cluster file systems but not between two NFS clients.
 */
export class UploadJournal {
  readonly #path: string;
  readonly #id: string;
  readonly #state: UploadState = emptyUpload();
  #readTo = 0;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(path: string, id: string) {
    this.#path = path;
    this.#id = id;
  }

  /** Adds one event; with `durable` it survives a power cut, and so does every event before it. Returns the state after it. */
  async append(event: UploadEvent, { durable }: { durable: boolean }): Promise<UploadState> {
    const file = await this.#open(constants.O_WRONLY | constants.O_APPEND);
    try {
      // It begins with a line feed too, to end a line that may have been torn.
      await file.appendFile(`\n${line(event)}\n`);
      if (durable) await file.datasync();
    } finally {
      await file.close();
    }
    return this.read();
  }

  /** The state by now; only what was appended since the last reading is read. Throws `UploadMissing`. */
  read(): Promise<UploadState> {
    const reading = this.#reading.then(() => this.#readOn());
    this.#reading = reading.catch(() => {});
    return reading;
  }

  async #readOn(): Promise<UploadState> {
    const file = await this.#open(constants.O_RDONLY);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - this.#readTo), 0, size - this.#readTo, this.#readTo);
      const end = buffer.subarray(0, bytesRead).lastIndexOf("\n") + 1;
      for (const text of buffer.toString("utf8", 0, end).split("\n")) {
        const event = parse(text);
        if (event) apply(this.#state, event, etagOf);
      }
      this.#readTo += end;
      return this.#state;
    } finally {
      await file.close();
    }
  }

  async #open(flags: number): Promise<FileHandle> {
    try {
      return await open(this.#path, flags);
    } catch (error) {
      throw codeOf(error) === "ENOENT" ? new UploadMissing(this.#id, { cause: error }) : error;
    }
  }
}

function line(event: UploadEvent): string {
  const json = JSON.stringify(event);
  return `${crc32(json)} ${json}`;
}

function parse(text: string): UploadEvent | undefined {
  const space = text.indexOf(" ");
  const json = text.slice(space + 1);
  return space > 0 && text.slice(0, space) === String(crc32(json)) ? JSON.parse(json) : undefined;
}
