import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { ImageUnavailable } from "./engine.ts";
import type { ImageSources } from "./image-source.ts";

/** For people who run documents of their own with their own rights: archives are paths of this host, or URLs. */
export const hostSources: ImageSources = { trusted: true, open: openSource };

/** The bytes of an archive: a URL (http, https, file) or a path of this host. */
async function openSource(source: string): Promise<Readable> {
  if (/^https?:/.test(source)) {
    const answer = await fetch(source);
    if (!answer.ok || !answer.body) throw new ImageUnavailable(`${source} answers ${answer.status}`);
    return Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
  }
  const stream = createReadStream(source.startsWith("file:") ? new URL(source) : source);
  await new Promise((resolve, reject) => stream.once("open", resolve).once("error", reject)).catch((error: Error) => {
    throw new ImageUnavailable(`${source} cannot be read: ${error.message}`);
  });
  return stream;
}
