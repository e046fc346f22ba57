import { once } from "node:events";
import { posix } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header, pack } from "tar-stream";
import { ImageUnavailable } from "./engine.ts";

/**
 * What `docker save` wrote, with `name` in place of the names that it gives its image: an archive that calls its image
 * `docker.io/library/debian` would else be what everybody gets who asks for that. It is written anew, so that what the
 * engine reads is what was looked at here.
 */
export function withName(archive: Readable, name: string): Readable {
  const reading = extract();
  const written = pack();
  void unpacked(archive)
    .then((plain) => pipeline(plain, reading))
    .catch((error: Error) => written.destroy(error));
  void rename(reading, written, name).catch((error: Error) => written.destroy(error));
  return Readable.from(written);
}

/** The archive, of which a gzipped one is unpacked. */
async function unpacked(archive: Readable): Promise<Readable> {
  await Promise.race([once(archive, "readable"), once(archive, "end")]);
  const first: Buffer | null = archive.read();
  if (first === null) return archive;
  archive.unshift(first);
  if (first[0] !== 0x1f || first[1] !== 0x8b) return archive;
  const plain = createGunzip();
  void pipeline(archive, plain).catch((error: Error) => plain.destroy(error));
  return plain;
}

/** The list of the archive's images, in the form of docker. */
const MANIFEST = "manifest.json";
/** Other lists of them, which name them as well. */
const OTHER_LISTS = ["repositories", "index.json", "oci-layout"];
const LARGEST_MANIFEST = 1024 * 1024;

async function rename(reading: ReturnType<typeof extract>, written: ReturnType<typeof pack>, name: string): Promise<void> {
  let images = 0;
  for await (const entry of reading) {
    const path = posix.normalize(entry.header.name);
    const header = { ...entry.header, name: path };
    if (OTHER_LISTS.includes(path) || !isInside(header)) entry.resume();
    else if (path === MANIFEST) {
      if ((header.size ?? 0) > LARGEST_MANIFEST) throw new ImageUnavailable("the archive's manifest.json is too large");
      images += await writeManifest(written, (await text(entry)) as string, name);
    } else if (header.type === "file") await pipeline(entry, written.entry(header));
    else {
      written.entry(header);
      entry.resume();
    }
  }
  if (images === 0) throw new ImageUnavailable("the archive is not what `docker save` writes: it has no manifest.json");
  written.finalize();
}

/** Whether the entry, and what it points to, is in the archive; only files, directories and links to files are. */
function isInside({ name, type, linkname }: Header): boolean {
  const isBelow = (path: string) => !path.startsWith("/") && !path.startsWith("../") && path !== "..";
  if (type === "file" || type === "directory") return isBelow(name);
  return type === "symlink" && isBelow(name) && isBelow(posix.join(posix.dirname(name), linkname ?? ".."));
}

async function writeManifest(written: ReturnType<typeof pack>, manifest: string, name: string): Promise<number> {
  let images: unknown;
  try {
    images = JSON.parse(manifest);
  } catch {
    throw new ImageUnavailable("the archive's manifest.json is no JSON");
  }
  if (!Array.isArray(images) || images.length !== 1)
    throw new ImageUnavailable("the archive holds several images: `docker save` one alone");
  written.entry({ name: MANIFEST }, JSON.stringify([{ ...images[0], RepoTags: [name] }]));
  return 1;
}
