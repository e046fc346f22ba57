import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, opendir } from "node:fs/promises";
import { codeOf } from "../../blobs/blob-errors.ts";
import { writeGathered } from "../../blobs/disk/gathered-write.ts";
import { checkPart, checkParts, openBody, partLength, partSizeFor } from "../object-body.ts";
import { VolumeError } from "../volume-errors.ts";
import type { ObjectBody, UploadedPart, VolumeUpload, WrittenObject } from "../volume-store.ts";
import type { HeldDirectory } from "./beneath.ts";
import { type FileModes, Publication } from "./publication.ts";
import { journalName, newWriteId, temporaryName, uploadOf } from "./temporary-names.ts";

const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY } = constants;
const LINE = /^(\d{1,5}) ([0-9a-f]{16}|-)$/;

/**
 * Files that arrive in parts, each written to its offset in one file beside the final name. A journal beside it has a line
 * for each part that is stored, `<number> <etag>`, synced after the part's bytes are; and `<number> -` before a part is
 * written once more. So a part counts when its last line has an ETag, whoever was killed in between.
 */
export class LocalUploads {
  readonly #modes: FileModes;

  constructor(modes: FileModes) {
    this.#modes = modes;
  }

  async open(
    directory: HeldDirectory,
    name: string,
    { location, size, ifAbsent }: Pick<VolumeUpload, "location" | "size" | "ifAbsent">,
  ): Promise<VolumeUpload> {
    const upload = { location, id: newWriteId(), size, partSize: partSizeFor(size), inOrder: false, ifAbsent };
    const file = await directory.write(temporaryName(name, upload.id), { isNew: true, mode: 0o600 });
    try {
      const journal = await open(directory.at(journalName(name, upload.id)), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      await journal.close();
      await directory.sync();
    } finally {
      await file.close();
    }
    return upload;
  }

  async write(
    directory: HeldDirectory,
    name: string,
    { upload, number, body, signal }: { upload: VolumeUpload; number: number; body: ObjectBody; signal: AbortSignal | undefined },
  ): Promise<UploadedPart> {
    checkPart(upload, number, body);
    checkId(upload);
    const journal = await open(directory.at(journalName(name, upload.id)), O_WRONLY | O_APPEND | O_NOFOLLOW).catch(noUpload);
    try {
      const file = await directory.write(temporaryName(name, upload.id), { isNew: false, mode: 0o600 }).catch(noUpload);
      try {
        await append(journal, `${number} -`);
        const sent = await openBody(body);
        const cut = () => sent.bytes.destroy(signal!.reason);
        signal?.addEventListener("abort", cut, { once: true });
        try {
          await writeGathered(file, sent.bytes, (number - 1) * upload.partSize, body.size);
        } catch (error) {
          signal?.throwIfAborted();
          throw sent.failure() ?? error;
        } finally {
          signal?.removeEventListener("abort", cut);
        }
        await file.datasync();
        const etag = randomBytes(8).toString("hex");
        await append(journal, `${number} ${etag}`);
        return { number, size: body.size, etag, verified: true };
      } finally {
        await file.close();
      }
    } finally {
      await journal.close();
    }
  }

  async parts(directory: HeldDirectory, name: string, upload: VolumeUpload): Promise<UploadedPart[]> {
    checkId(upload);
    const journal = await open(directory.at(journalName(name, upload.id)), O_RDONLY | O_NOFOLLOW).catch(noUpload);
    const text = await journal.readFile("latin1").finally(() => journal.close());
    const etags = new Map<number, string>();
    // A line without its end was being written when its writer was killed.
    for (const line of text.split("\n").slice(0, -1)) {
      const [, number, etag] = LINE.exec(line) ?? [];
      if (etag === "-") etags.delete(Number(number));
      else if (etag !== undefined) etags.set(Number(number), etag);
    }
    return [...etags]
      .map(([number, etag]) => ({ number, size: partLength(upload, number), etag, verified: true }))
      .sort((a, b) => a.number - b.number);
  }

  async complete(
    directory: HeldDirectory,
    name: string,
    { upload, parts }: { upload: VolumeUpload; parts: readonly UploadedPart[] },
  ): Promise<WrittenObject> {
    const stored = new Map((await this.parts(directory, name, upload)).map((part) => [part.number, part]));
    const inOrder = checkParts(upload, parts);
    if (inOrder.some(({ number, etag }) => stored.get(number)?.etag !== etag)) {
      throw new VolumeError("PartsRefused", {
        action: "write",
        detail: "a part was never stored, or was sent again after it was named",
      });
    }
    const publication = new Publication(directory, name, this.#modes, temporaryName(name, upload.id));
    const file = await publication.reopen().catch(noUpload);
    try {
      if ((await file.stat()).size !== upload.size)
        throw new VolumeError("PartsRefused", { action: "write", detail: "they have not the size announced" });
      const etag = await publication.publish(file, upload);
      await unlink(directory, journalName(name, upload.id));
      return { size: upload.size, etag, verified: true };
    } finally {
      await file.close();
    }
  }

  async remove(directory: HeldDirectory, name: string, upload: VolumeUpload): Promise<void> {
    checkId(upload);
    await unlink(directory, journalName(name, upload.id));
    await unlink(directory, temporaryName(name, upload.id));
  }

  async list(directory: HeldDirectory, name: string): Promise<string[]> {
    const ids: string[] = [];
    for await (const entry of await opendir(directory.path)) {
      const id = uploadOf(entry.name, name);
      if (id !== undefined) ids.push(id);
    }
    return ids;
  }
}

async function append(
  journal: { appendFile(text: string): Promise<void>; datasync(): Promise<void> },
  line: string,
): Promise<void> {
  await journal.appendFile(`${line}\n`);
  await journal.datasync();
}

/** An id is a part of a name: only ours may be. */
function checkId({ id }: VolumeUpload): void {
  if (!/^[0-9a-f]{32}$/.test(id)) throw new VolumeError("NoSuchUpload", { action: "write" });
}

function noUpload(error: unknown): never {
  throw codeOf(error) === "ENOENT" ? new VolumeError("NoSuchUpload", { action: "write" }) : error;
}

async function unlink(directory: HeldDirectory, name: string): Promise<void> {
  await directory.unlink(name).catch((error) => {
    if (codeOf(error) !== "ENOENT") throw error;
  });
}
