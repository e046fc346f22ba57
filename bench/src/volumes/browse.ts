// A page of 100 objects of a volume, against the same page of its service itself, asked for by the same client library:
// what the platform adds. A bucket of that many objects, and a directory.
//     node bench/src/volumes/browse.ts [objects in the bucket] [files in the directory] [seconds]
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EndpointList, openVolume, type VolumeSettings, type VolumeStore } from "@causeway/storage";
import { load, quantile } from "../http-load.ts";
import { median, startPlatform, startProcess, stopProcess, verdict } from "../platform.ts";

const [objects = 1_000_000, files = 20_000, seconds = 3] = process.argv.slice(2).map(Number);
const ROUNDS = 5;

const share = await mkdtemp(join(tmpdir(), "causeway-share-"));
await mkdir(join(share, "run"));
for (let number = 0; number < files; number += 1) await writeFile(join(share, "run", `sample_${number}.bam`), "x");
const listing = new URL("listing-server.ts", import.meta.url).pathname;
const { child, line: endpoint } = await startProcess(listing, [String(objects)], {});
const platform = await startPlatform({
  settings: {
    CAUSEWAY_VOLUME_ENDPOINTS: "127.0.0.1",
    CAUSEWAY_VOLUME_ROOTS: JSON.stringify({ share: { path: share, mode: "RO" } }),
  },
});
try {
  const credentials = { access_key_id: "AK", secret_access_key: "secret" };
  await create("bucket", { type: "S3", bucket: "lab", endpoint, credentials });
  await create("share", { type: "LOCAL", bucket: "share" });
  const keys = { accessKeyId: "AK", secretAccessKey: "secret" };
  console.log("| | the service, ms | the volume, ms | added, ms |\n| --- | --- | --- | --- |");
  await compare("bucket", objects, { service: "s3", bucket: "lab", endpoint, credentials: keys });
  await compare("share", files, { service: "local", root: { path: share } });
} finally {
  await platform.close();
  await stopProcess(child);
  await rm(share, { recursive: true });
}

function create(name: string, service: object): Promise<unknown> {
  return platform.call("POST", "/storage/volumes", { name, access_mode: "RO", service });
}

/** Both sides take turns. */
async function compare(name: string, count: number, settings: VolumeSettings): Promise<void> {
  const store = await openVolume(settings, { endpoints: new EndpointList(["127.0.0.1"]) });
  const url = `${platform.url}/storage/volumes/ana/${name}/list?prefix=run&limit=100&fields=_all`;
  const rounds: { service: number; volume: number }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const service = await pageOf(store, seconds / ROUNDS);
    const { median: volume } = await load({ url, headers: platform.headers }, 1, seconds / ROUNDS);
    // The first warms both up.
    if (round > 0) rounds.push({ service, volume });
  }
  store.close();
  const service = median(rounds.map((each) => each.service));
  const volume = median(rounds.map((each) => each.volume));
  const added = median(rounds.map((each) => each.volume - each.service));
  const cells = [`${name} of ${count.toLocaleString("en")}`, ...[service, volume, added].map((time) => time.toFixed(2))];
  console.log(`| ${cells.join(" | ")} |`);
  verdict(`added to a page of the ${name}`, added, " ms", { atMost: 5 });
}

/** The median time of a page of the service itself, in milliseconds. */
async function pageOf(store: VolumeStore, seconds: number): Promise<number> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const started = performance.now();
    await store.list({ prefix: "run/", delimiter: "/", limit: 100 });
    times.push(performance.now() - started);
  }
  return quantile(times, 0.5);
}
