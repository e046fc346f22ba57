import { posix } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract } from "tar-stream";
import { ImageUnavailable } from "./engine.ts";

/** What an archive may become on the disk of this host. */
export interface ArchiveLimits {
  bytes: number;
  entries: number;
  /** What to do about too many bytes, and too many entries: which settings they are. */
  advice: { bytes: string; entries: string };
}

/** `layers`: what `docker save` writes. `files`: one tree of files, as for `docker import`. */
export type ArchiveKind = "layers" | "files";

type Bytes = AsyncIterable<Buffer>;

interface Size {
  bytes: number;
  entries: number;
}

const MANIFEST = "manifest.json";
const LARGEST_MANIFEST = 1024 * 1024;
const BLOCK = 512;

/**
 * Unpacks an archive to nowhere and refuses it when an engine would make more of it than the limits allow: files with holes
 * count whole, and a layer counts as often as the image names it.
 *
 * @throws ImageUnavailable
 */
export async function refuseLargeArchive(archive: Readable, kind: ArchiveKind, limits: ArchiveLimits): Promise<void> {
  const all: Size = { bytes: 0, entries: 0 };
  const add = ({ bytes, entries }: Size): void => {
    all.bytes += bytes;
    all.entries += entries;
    const why = "the archive of the image is too large:";
    if (all.bytes > limits.bytes)
      throw new ImageUnavailable(`${why} unpacked it has more than ${limits.bytes / 1e9} GB (${limits.advice.bytes})`);
    if (all.entries > limits.entries)
      throw new ImageUnavailable(`${why} it has more than ${limits.entries} files and directories (${limits.advice.entries})`);
  };
  const layers = new Map<string, Size>();
  const links = new Map<string, string>();
  let named: string[] = [];
  await eachEntry(archive, async ({ name, type, linkname, size }, bytes) => {
    const path = posix.normalize(name);
    if (type === "symlink") links.set(path, posix.join(posix.dirname(path), linkname ?? ""));
    if (kind === "layers" && path === MANIFEST && size <= LARGEST_MANIFEST) named = layersOf((await text(bytes)) as string);
    else if (kind === "layers" && type === "file") {
      const layer: Size = { bytes: 0, entries: 0 };
      const count = (more: Size): void => {
        layer.bytes += more.bytes;
        layer.entries += more.entries;
        add(more);
      };
      await addLayer(bytes, count);
      layers.set(path, layer);
      return;
    }
    add({ bytes: size, entries: 1 });
  });
  const seen = new Set<string>();
  for (const layer of named) {
    let path = posix.normalize(layer);
    for (let hops = 0; hops < 9 && links.has(path); hops++) path = links.get(path)!;
    if (seen.has(path)) add(layers.get(path) ?? { bytes: 0, entries: 1 });
    seen.add(path);
  }
}

/** Counts what is in a layer; of what is no tar, however it is compressed, its bytes. */
async function addLayer(bytes: Bytes, count: (more: Size) => void): Promise<void> {
  const { first, all } = await unpacked(bytes);
  if (isTar(first)) return eachEntry(all, async ({ size }) => count({ bytes: size, entries: 1 }));
  count({ bytes: 0, entries: 1 });
  for await (const chunk of all) count({ bytes: chunk.length, entries: 0 });
}

interface Entry {
  name: string;
  type: string;
  linkname: string | null | undefined;
  /** With its holes. */
  size: number;
}

async function eachEntry(archive: Bytes, visit: (entry: Entry, bytes: Readable) => Promise<void>): Promise<void> {
  const reading = extract();
  const feeding = unpacked(archive).then(({ all }) => pipeline(Readable.from(all), reading));
  feeding.catch((error: Error) => reading.destroy(error));
  try {
    for await (const entry of reading) {
      const { name, type, linkname, size = 0, pax } = entry.header as typeof entry.header & { pax?: Record<string, string> };
      if (!type) throw new ImageUnavailable(`the archive of the image has an entry of an unknown kind: ${name}`);
      const whole = Number(pax?.["GNU.sparse.realsize"] ?? pax?.["GNU.sparse.size"] ?? 0);
      await visit({ name, type, linkname, size: Math.max(size, whole) }, entry as unknown as Readable);
      entry.resume();
    }
    await feeding;
  } catch (error) {
    reading.destroy();
    if (error instanceof ImageUnavailable) throw error;
    throw new ImageUnavailable(`the archive of the image cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Ways to compress that Node undoes; what else engines undo would not be seen through. */
const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
const OTHERS: readonly [string, number[]][] = [
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];

/** Bytes whose beginning was looked at; `all` has it as well. */
interface Peeked {
  first: Buffer;
  all: Bytes;
}

async function unpacked(archive: Bytes): Promise<Peeked> {
  const packed = await peek(archive);
  const begins = (magic: readonly number[]) => magic.every((byte, index) => packed.first[index] === byte);
  const other = OTHERS.find(([, magic]) => begins(magic));
  if (other && !isTar(packed.first))
    throw new ImageUnavailable(`the archive of the image is compressed with ${other[0]}: compress it with gzip or zstd instead`);
  if (!begins(GZIP) && !begins(ZSTD)) return packed;
  const plain = begins(GZIP) ? createGunzip() : createZstdDecompress();
  pipeline(Readable.from(packed.all), plain).catch((error: Error) => plain.destroy(error));
  return peek(plain);
}

/** Looks at the first block. */
async function peek(bytes: Bytes): Promise<Peeked> {
  const chunks = bytes[Symbol.asyncIterator]();
  let first = Buffer.alloc(0);
  while (first.length < BLOCK) {
    const next = await chunks.next();
    if (next.done) break;
    first = Buffer.concat([first, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    if (first.length > 0) yield first;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  return { first, all: all() };
}

/** POSIX ustar and GNU tar name themselves; older ones are told by the sum of their first header. */
function isTar(first: Buffer): boolean {
  if (first.length < BLOCK) return false;
  if (first.toString("latin1", 257, 262) === "ustar") return true;
  const told = Number.parseInt(first.toString("latin1", 148, 156), 8);
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += first[at]!;
  return sum === told;
}

function layersOf(manifest: string): string[] {
  try {
    const [image] = JSON.parse(manifest) as { Layers?: unknown }[];
    return Array.isArray(image?.Layers) ? image.Layers.filter((layer) => typeof layer === "string") : [];
  } catch {
    return []; // whoever loads it says so
  }
}
