import { closeSync, fstatSync, openSync, readSync } from "node:fs";
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

  constructor(path: string, id: string) {
    this.#path = path;
    this.#id = id;
  }

  /** Adds one event; with `durable` it survives a power cut, and so does every event before it. Returns the state after it. */
  async append(event: UploadEvent, { durable }: { durable: boolean }): Promise<UploadState> {
    const file = await this.#openToAppend();
    try {
      // It begins with a line feed too, to end a line that may have been torn.
      await file.appendFile(`\n${line(event)}\n`);
      if (durable) await file.datasync();
    } finally {
      await file.close();
    }
    return this.read();
  }

  /**
   * The state by now; only what was appended since the last reading is read. Throws `UploadMissing`.
   * Not through Node's threads: these few bytes lie in memory, and four trips through a busy pool took longer than a MiB.
   */
  async read(): Promise<UploadState> {
    for (const text of this.#readOn().split("\n")) {
      const event = parse(text);
      if (event) apply(this.#state, event, etagOf);
    }
    return this.#state;
  }

  /** The whole lines that have come since. */
  #readOn(): string {
    const file = this.#openToRead();
    try {
      const buffer = Buffer.alloc(fstatSync(file).size - this.#readTo);
      const bytesRead = readSync(file, buffer, 0, buffer.length, this.#readTo);
      const end = buffer.subarray(0, bytesRead).lastIndexOf("\n") + 1;
      this.#readTo += end;
      return buffer.toString("utf8", 0, end);
    } finally {
      closeSync(file);
    }
  }

  async #openToAppend(): Promise<FileHandle> {
    try {
      return await open(this.#path, constants.O_WRONLY | constants.O_APPEND);
    } catch (error) {
      throw this.#missing(error);
    }
  }

  #openToRead(): number {
    try {
      return openSync(this.#path, "r");
    } catch (error) {
      throw this.#missing(error);
    }
  }

  #missing(error: unknown): unknown {
    return codeOf(error) === "ENOENT" ? new UploadMissing(this.#id, { cause: error }) : error;
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
