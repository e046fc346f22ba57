// Uploading over HTTP, from the start of the upload to the file in its project, in 32 MiB parts, four at a time, against
// a plain Node server that takes the same bodies with the same checksum and fsync.
//     node bench/src/upload-http.ts [MiB] [rounds]
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { type Platform, startPlatform, startProcess, stopProcess } from "./platform.ts";
import { PART_SIZE, type Round, report, sendAll } from "./upload-parts.ts";

const [totalMiB = 1024, rounds = 3] = process.argv.slice(2).map(Number);
const size = totalMiB * 1024 * 1024;
const parts = Math.ceil(size / PART_SIZE);
const bytes = randomBytes(PART_SIZE);
const agent = new Agent({ keepAlive: true });

const platform = await startPlatform();
try {
  const directory = join(platform.directory, "floor");
  await mkdir(directory);
  const floor = await startProcess(new URL("upload-http-floor.ts", import.meta.url).pathname, [], { DIRECTORY: directory });
  const project = await platform.call("POST", "/projects", { name: "Uploads" });
  const measured: Round[] = [];
  // The first round warms up and is not counted. Sides take turns in going first: how fast a disk syncs drifts.
  for (let round = 0; round <= rounds; round++) {
    const sides = [
      async () => {
        const seconds = await sendAll(parts, (number) => put(`http://127.0.0.1:${floor.line}/${number}`, number));
        await rm(directory, { recursive: true });
        await mkdir(directory);
        return seconds;
      },
      () => upload(platform, project.id, `round ${round}`),
    ];
    if (round % 2 === 1) sides.reverse();
    const seconds = [await sides[0]!(), await sides[1]!()];
    if (round % 2 === 1) seconds.reverse();
    if (round > 0) measured.push({ floor: seconds[0]!, ours: seconds[1]! });
  }
  report("upload over HTTP", totalMiB, measured, 0.9);
  await stopProcess(floor.child);
} finally {
  agent.destroy();
  await platform.close();
}

/** As sevenbridges-python does it: an address for every part, the part, a report, and at last the completion. */
async function upload({ call }: Platform, project: string, name: string): Promise<number> {
  const started = performance.now();
  const { upload_id } = await call("POST", "/upload/multipart", { name, project, size, part_size: PART_SIZE });
  await sendAll(parts, async (number) => {
    const { url } = await call("GET", `/upload/multipart/${upload_id}/part/${number}`);
    const etag = await put(url, number);
    await call("POST", `/upload/multipart/${upload_id}/part`, { part_number: number, response: { headers: { ETag: etag } } });
  });
  await call("POST", `/upload/multipart/${upload_id}/complete`);
  return (performance.now() - started) / 1000;
}

/** Sends the bytes of a part and answers its ETag. */
function put(url: string, number: number): Promise<string> {
  const body = number === parts ? bytes.subarray(0, size - (parts - 1) * PART_SIZE) : bytes;
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: "PUT", agent, headers: { "content-length": body.length } }, (response) => {
      response.resume();
      response.on("end", () =>
        response.statusCode === 200
          ? resolve(response.headers.etag!)
          : reject(new Error(`${url} answered ${response.statusCode}`)),
      );
    });
    sending.on("error", reject).end(body);
  });
}
