// One import of a folder of many objects, from its POST to COMPLETED, against the listing of the same objects alone.
//     node bench/src/volumes/import.ts [objects] [rounds]
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EndpointList, openVolume } from "../../../storage/src/index.ts";
import { type Platform, startPlatform } from "../platform.ts";
import { untilEnded } from "./jobs.ts";

const [objects = 100_000, rounds = 2] = process.argv.slice(2).map(Number);
const FOLDERS = 100;
/** Seconds that 100,000 objects may take beyond their listing. */
const BUDGET = 60;

const share = `/tmp/causeway-bench-share-${process.pid}`;
await mkdir(share, { recursive: true });
const platform = await startPlatform({
  settings: { CAUSEWAY_VOLUME_ROOTS: JSON.stringify({ share: { path: share, mode: "RO" } }) },
});
try {
  for (let folder = 0; folder < FOLDERS; folder++) {
    await mkdir(join(share, "in", `run${folder}`), { recursive: true });
    for (let number = folder; number < objects; number += FOLDERS)
      await writeFile(join(share, "in", `run${folder}`, `s${number}.bam`), "x");
  }
  const service = { type: "local", bucket: "share" };
  const volume = await platform.call("POST", "/storage/volumes", { name: "nas", service, access_mode: "RO" });
  const project = await platform.call("POST", "/projects", { name: "Imports" });
  console.log("| objects | listing alone, s | import, s | beyond the listing, s | budget, s |\n| --- | --- | --- | --- | --- |");
  for (let round = 0; round < rounds; round++) {
    const listing = await listed();
    const importing = await imported(platform, volume.id, project.id, `round${round}`);
    const beyond = importing - listing;
    const allowed = (BUDGET * objects) / 100_000;
    console.log(
      `| ${objects} | ${listing.toFixed(1)} | ${importing.toFixed(1)} | ${beyond.toFixed(1)} | ${allowed.toFixed(1)}, ${beyond <= allowed ? "kept" : "MISSED"} |`,
    );
  }
} finally {
  await platform.close();
  await rm(share, { recursive: true, force: true });
}

async function listed(): Promise<number> {
  const started = performance.now();
  const store = await openVolume(
    { service: "local", root: { path: share, readOnly: true }, prefix: "", symlinks: "deny" },
    { endpoints: new EndpointList([]), limits: {} },
  );
  let token: string | undefined;
  do token = (await store.list({ prefix: "in/", token })).next;
  while (token !== undefined);
  store.close();
  return (performance.now() - started) / 1000;
}

async function imported({ call }: Platform, volume: string, project: string, name: string): Promise<number> {
  const started = performance.now();
  const job = await call("POST", "/storage/imports", { source: { volume, location: "in/" }, destination: { project, name } });
  await untilEnded(call, `/storage/imports/${job.id}`);
  return (performance.now() - started) / 1000;
}
