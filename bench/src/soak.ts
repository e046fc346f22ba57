// Fifty clients that list, upload, download, search, change, delete and run tasks at once, without a pause, on a platform
// in a process of its own: no request may fail, and the process may not grow after the first minute.
//     node bench/src/soak.ts [minutes] [clients]
import { fillFolder, uploadFile } from "./filled-folder.ts";
import { type Platform, startPlatform, verdict } from "./platform.ts";
import { Client, Refused } from "./soak/client.ts";
import { judgeMemory, type Memory, PROBE, readMemory } from "./soak/memory.ts";
import { Record } from "./soak/record.ts";
import { chooseWork } from "./soak/work.ts";

const [minutes = 10, clients = 50] = process.argv.slice(2).map(Number);
const FILES = 1000;
/** A shorter soak is looked at more often, and its first tenth counts as the first minute. */
const SAMPLE_MS = Math.min(60_000, (minutes * 60_000) / 10);
const ECHO = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: "echo",
  inputs: [{ id: "text", type: "string", inputBinding: { position: 1 } }],
  outputs: [{ id: "said", type: "File", outputBinding: { glob: "said.txt" } }],
  stdout: "said.txt",
};

const platform = await startPlatform({ nodeFlags: PROBE });
try {
  const project = await prepareProject(platform);
  const record = new Record();
  const started = performance.now();
  const end = started + minutes * 60_000;
  const working = Array.from({ length: clients }, (_, number) =>
    work(new Client(platform, record, `client${number}`, project), end),
  );
  const samples = await watch(platform, record, started, end);
  await Promise.all(working);
  record.print();
  verdict("requests that failed", record.errors, ` of ${record.requests.toLocaleString("en")}`, { atMost: 0 });
  judgeMemory(samples, 1);
} finally {
  await platform.close();
}

async function prepareProject(platform: Platform): Promise<string> {
  const { id: project } = await platform.call("POST", "/projects", { name: "Soak" });
  await platform.call("POST", `/apps/${project}/echo/raw`, ECHO);
  await fillFolder(platform, await uploadFile(platform, project, "first.bam"), FILES);
  return project;
}

async function work(client: Client, end: number): Promise<void> {
  while (performance.now() < end) {
    try {
      await chooseWork().run(client);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
}

/** Reads the platform's memory again and again until the end; prints a row of a table each time. */
async function watch(platform: Platform, record: Record, started: number, end: number): Promise<Memory[]> {
  const samples: Memory[] = [];
  const mebibytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(0);
  console.log("| minute | requests | errors | resident MiB | heap MiB | external MiB |\n| --- | --- | --- | --- | --- | --- |");
  for (let at = started + SAMPLE_MS; at <= end; at += SAMPLE_MS) {
    await new Promise((wake) => setTimeout(wake, at - performance.now()));
    const memory = await readMemory(platform.process);
    samples.push(memory);
    const { rss, heapUsed, external } = memory;
    const minute = ((at - started) / 60_000).toFixed(1);
    console.log(`| ${[minute, record.requests, record.errors, ...[rss, heapUsed, external].map(mebibytes)].join(" | ")} |`);
  }
  return samples;
}
