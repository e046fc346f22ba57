import { createHash } from "node:crypto";
import { chmod, type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, PartsRefused, UploadMissing } from "../blob-errors.ts";
import { PRIVATE_FILE } from "./durable-files.ts";
import type { AssembledBlob, PlacedPart, Slot, UploadState } from "./upload-state.ts";

const COPIED = 4 * 1024 * 1024;
const EMPTY_SHA256 = createHash("sha256").digest("hex");

interface Assembly {
  /** The upload's directory. */
  directory: string;
  partSize: number;
  /** The blob's parts in their order. */
  parts: readonly PlacedPart[];
  /** Of a sealed upload. */
  state: UploadState;
  isAtWork: (slot: Slot) => boolean;
}

/**
 * Makes one synced file of the parts.
 *
 * Usually they all lie in the file of slots where they belong: nothing is copied. Parts aside are copied into it.
 * When that would move or hurt a part that is stored there, or when somebody may still write to the file, a new file is
 * made of copies. Either way what is stored stays as it is, so a crash or a full disk here costs only the work done.
 */
export async function assemble(assembly: Assembly): Promise<AssembledBlob> {
  const placed = withOffsets(assembly.parts);
  const size = placed.reduce((sum, { part }) => sum + part.size, 0);
  if (!canStay(assembly, placed)) return { file: "assembled", size, sha256: await copyAll(assembly, placed) };

  const path = join(assembly.directory, "bytes");
  await makeWritable(path);
  const file = await openStored(path, "r+");
  try {
    for (const { part, offset } of placed) if (part.place === "aside") await copyPart(assembly, part, file, offset);
    await file.truncate(size);
    await file.sync();
  } finally {
    await file.close();
  }
  return { file: "bytes", size, sha256: knownSha256(assembly.parts) };
}

export function asideName(writer: string): string {
  return `aside-${writer}`;
}

interface Placed {
  part: PlacedPart;
  offset: number;
}

function withOffsets(parts: readonly PlacedPart[]): Placed[] {
  let offset = 0;
  return parts.map((part) => {
    const placed = { part, offset };
    offset += part.size;
    return placed;
  });
}

/** Whether the file of slots can become the blob: every stored slot is one of the parts and where it belongs, and nobody writes. */
function canStay({ state, partSize, isAtWork }: Assembly, placed: Placed[]): boolean {
  const belongs = new Set(
    placed.filter(({ part, offset }) => part.size === 0 || offset === (part.number - 1) * partSize).map(({ part }) => part),
  );
  for (const slot of state.slots.values()) if (!slot.written && isAtWork(slot)) return false;
  for (const part of state.parts.values()) if (part.place === "slot" && !belongs.has(part)) return false;
  return true;
}

/** Returns the SHA-256, which copying in order gives for nothing. */
async function copyAll(assembly: Assembly, placed: Placed[]): Promise<string> {
  const path = join(assembly.directory, "assembled");
  const hash = createHash("sha256");
  // Left half-done by a completion that was killed: the seal keeps every other process away.
  await rm(path, { force: true });
  const file = await open(path, "wx", PRIVATE_FILE);
  try {
    for (const { part, offset } of placed) await copyPart(assembly, part, file, offset, (chunk) => hash.update(chunk));
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}

async function copyPart(
  { directory, partSize }: Assembly,
  part: PlacedPart,
  to: FileHandle,
  offset: number,
  onChunk?: (chunk: Buffer) => void,
): Promise<void> {
  const isSlot = part.place === "slot";
  const from = await openStored(join(directory, isSlot ? "bytes" : asideName(part.writer)), "r");
  const start = isSlot ? (part.number - 1) * partSize : 0;
  const buffer = Buffer.alloc(Math.min(COPIED, part.size));
  try {
    for (let done = 0; done < part.size; ) {
      const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, part.size - done), start + done);
      if (bytesRead === 0) throw new Error(`part ${part.number} is shorter on disk than its record says`);
      onChunk?.(buffer.subarray(0, bytesRead));
      for (let at = 0; at < bytesRead; ) at += (await to.write(buffer, at, bytesRead - at, offset + done + at)).bytesWritten;
      done += bytesRead;
    }
  } finally {
    await from.close();
  }
}

async function openStored(path: string, flags: string): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    if (path.endsWith("bytes")) throw new UploadMissing(path, { cause: error });
    throw new PartsRefused("a part was sent again while the upload was completed", { cause: error });
  }
}

/** A completion that was killed just before its end has made the file read-only. */
async function makeWritable(path: string): Promise<void> {
  try {
    await chmod(path, PRIVATE_FILE);
  } catch (error) {
    throw codeOf(error) === "ENOENT" ? new UploadMissing(path, { cause: error }) : error;
  }
}

/**
 * The blob's SHA-256 where it is known without reading it again. Parts come out of order, and SHA-256 only goes forward:
 * a blob of several parts is read again later, by the sweep.
 */
function knownSha256(parts: readonly PlacedPart[]): string | null {
  const filled = parts.filter((part) => part.size > 0);
  if (filled.length === 0) return EMPTY_SHA256;
  return filled.length === 1 ? filled[0]!.sha256 : null;
}
