import { api } from "../api/client.ts";

/** From where the bytes of a file can be had for a while, without a login. */
const addressOf = async (file: string): Promise<string> => (await api.getDownloadInfo({ file })).url;

/** Saves a file as the browser does. */
export async function downloadFile(file: string): Promise<void> {
  const link = document.createElement("a");
  link.href = await addressOf(file);
  link.download = "";
  link.click();
}

/** The first or last bytes of a file. */
export async function bytesOfFile(
  file: string,
  part: { first: number } | { last: number; size: number },
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const range =
    "first" in part ? `bytes=0-${part.first - 1}` : `bytes=${Math.max(0, part.size - part.last)}-${Math.max(0, part.size - 1)}`;
  const address = await addressOf(file);
  const answer = await fetch(address, { headers: { range }, credentials: "omit", ...(signal ? { signal } : {}) }).catch(
    (cause) => {
      if (signal?.aborted) throw cause;
      // The policy of the pages allows this platform and its own bucket; a user's volume may be anywhere.
      throw new Error("The bytes cannot be fetched into this page: download the file.", { cause });
    },
  );
  // An empty file has no range.
  if (answer.status === 416) return new Uint8Array();
  if (!answer.ok) throw new Error(`The bytes could not be read (${answer.status}).`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** The same as text; what is no UTF-8 shows as replacement characters. */
export async function textOfFile(file: string, part: { first: number } | { last: number; size: number }): Promise<string> {
  return new TextDecoder().decode(await bytesOfFile(file, part));
}

/** The beginning of what gzipped bytes hold, as far as they are there. */
export async function gunzippedStart(bytes: Uint8Array, atMost: number): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream("gzip"));
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (length < atMost) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.length;
    }
  } catch {
    // The bytes end in the middle of the file: what came before is what there is to see.
  }
  void reader.cancel().catch(() => {});
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()).subarray(0, atMost);
}
