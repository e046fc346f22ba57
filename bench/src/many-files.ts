// Many small files up and down by `causeway upload -r` and `causeway download`, with the platform's default rate limit,
// against a plain Node server that takes as many requests and fsyncs a file; with BENCH_PYTHON, the Python that has
// sevenbridges-python, also by that client from eight threads.
//     node bench/src/many-files.ts [files] [rounds]
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sendToFloor } from "./many-files/floor-client.ts";
import { median, type Platform, startPlatform, startProcess, stopProcess, verdict } from "./platform.ts";
import { processorTime } from "./processor-time.ts";

const run = promisify(execFile);
const [files = 2000, rounds = 3] = process.argv.slice(2).map(Number);
const SIZE = 10 * 1024;
const IN_A_DIRECTORY = 100;
const AT_ONCE = 16;
const PYTHON_THREADS = 8;
const GOAL = { files: 10_000, seconds: 60 };

const platform = await startPlatform({ settings: { CAUSEWAY_RATE_LIMIT: "" } });
try {
  const home = join(platform.directory, "home");
  const paths = await makeFiles(join(home, "many"), files);
  const project = (await platform.call("POST", "/projects", { name: "Many" })).id;
  const floor = await startProcess(new URL("many-files/floor.ts", import.meta.url).pathname, [], {
    DIRECTORY: join(platform.directory, "floor"),
  });
  const [ups, downs, ratios]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    const floorSeconds = await sendToFloor(floor.line, paths, AT_ONCE);
    await platform.call("POST", "/files", { name: `round-${round}`, type: "folder", project });
    const up = await measured(platform, "up", () =>
      causeway(home, ["upload", "-r", "many/.", "--parent", `${project}/round-${round}`]),
    );
    const down = await measured(platform, "down", () => causeway(home, ["download", `${project}/round-${round}`, "-o", "down"]));
    ups.push(up);
    downs.push(down);
    ratios.push(up / floorSeconds);
    console.log(`  floor ${rate(floorSeconds)}, up / floor ${(up / floorSeconds).toFixed(2)}`);
    await rm(join(home, "down"), { recursive: true });
  }
  await stopProcess(floor.child);
  const seconds = { atMost: GOAL.seconds };
  verdict(`upload of ${GOAL.files} files of 10 KiB`, (median(ups) / files) * GOAL.files, " s", seconds);
  verdict(`download of ${GOAL.files} files of 10 KiB`, (median(downs) / files) * GOAL.files, " s", seconds);
  console.log(`upload against the floor: ${median(ratios).toFixed(2)} times its time`);
  if (process.env.BENCH_PYTHON) await pythonUploads(platform, process.env.BENCH_PYTHON, project);
} finally {
  await platform.close();
}

async function makeFiles(directory: string, count: number): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, index) =>
    join(directory, `run ${Math.floor(index / IN_A_DIRECTORY)}`, `sample_${index}.txt`),
  );
  for (const path of paths) {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, randomBytes(SIZE));
  }
  return paths;
}

async function causeway(home: string, args: string[]): Promise<void> {
  const environment = { ...process.env, HOME: home, SB_API_ENDPOINT: platform.url, SB_AUTH_TOKEN: platform.token };
  const flags = process.env.BENCH_COMMAND_FLAGS?.split(" ") ?? [];
  const main = new URL("../../cli/src/main.ts", import.meta.url).pathname;
  await run(process.execPath, [...flags, main, ...args], { cwd: home, env: environment, maxBuffer: 2 ** 28 });
}

/** Runs `work` and prints what a file took of whose time. Answers seconds. */
async function measured(platform: Platform, what: string, work: () => Promise<unknown>, count = files): Promise<number> {
  const before = await processorTime(platform);
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const after = await processorTime(platform);
  const each = (used: number) => `${((used / count) * 1000).toFixed(2)} ms`;
  console.log(
    `${what}: ${rate(seconds, count)}; processor time a file: platform ${each(after.platform - before.platform)}, PostgreSQL ${each(after.postgres - before.postgres)}, command ${each(after.commands - before.commands)}`,
  );
  return seconds;
}

function rate(seconds: number, count = files): string {
  return `${(count / seconds).toFixed(0)} files a second`;
}

async function pythonUploads(platform: Platform, python: string, project: string): Promise<void> {
  const directory = join(platform.directory, "python");
  await mkdir(directory);
  const count = Math.min(files, 400);
  for (let index = 0; index < count; index++) await writeFile(join(directory, `python_${index}.txt`), randomBytes(SIZE));
  const script = new URL("many-files/upload.py", import.meta.url).pathname;
  const seconds = await measured(
    platform,
    `sevenbridges-python, ${PYTHON_THREADS} threads`,
    () => run(python, [script, platform.url, platform.token, project, directory, String(PYTHON_THREADS)]),
    (await readdir(directory)).length,
  );
  verdict(`sevenbridges-python, ${PYTHON_THREADS} threads`, count / seconds, " files a second", { atLeast: 100 });
}
