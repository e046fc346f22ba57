import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { median, startPlatform, verdict } from "./platform.ts";

// The web UI in a Chromium: what comes over the line before the first screen, when that can be used, when a workflow of
// 2,000 steps is drawn and how long it keeps the page busy. The floor is an empty page of the same server. Usage: node bench/src/web.ts [rounds]
const rounds = Number(process.argv[2] ?? 5);
const STEPS = 2000;
/** Runs in the page: the longest time in which it took no input. */
const WATCH_BUSY = `window.busy = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.busy = Math.max(window.busy, duration);
}).observe({ type: "longtask" });`;

spawnSync(process.execPath, [new URL("../../web/build.ts", import.meta.url).pathname, "--if-stale"], { stdio: "inherit" });
const platform = await startPlatform();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const origin = platform.url.replace(/\/v2$/, "");
  const { username } = await platform.call("GET", "/user");
  const project = await platform.call("POST", "/projects", { name: "Web" });
  const page = await browser.newPage();
  const { url } = await operate(`/users/${username}/link`, { purpose: "sign-in" });
  await page.goto(url);
  await page.getByRole("heading", { name: "Projects" }).waitFor();

  const first: number[] = [];
  const floor: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    floor.push(await took(async () => void (await page.goto(`${origin}/healthz`))));
    first.push(
      await took(async () => {
        await page.goto(origin);
        await page.getByRole("link", { name: "Web", exact: true }).waitFor();
      }),
    );
    bytes = Math.max(bytes, await scriptBytes(page));
  }
  console.log(
    `An empty page: ${median(floor).toFixed(0)} ms; the first screen is ${(median(first) / median(floor)).toFixed(1)} times that`,
  );
  verdict("web UI: compressed JavaScript before the first screen", bytes / 1000, " kB", { atMost: 250 });
  verdict("web UI: first screen usable", median(first) / 1000, " s", { atMost: 1 });

  await platform.call("POST", `/apps/${project.id}/wide/raw`, workflow());
  await page.addInitScript({ content: WATCH_BUSY });
  const graph = await took(async () => {
    await page.goto(`${origin}/apps/${project.id}/wide`);
    await page.locator("svg .node.step").first().waitFor();
  });
  const busy = (await page.evaluate("window.busy")) as number;
  console.log(
    `${STEPS} steps: drawn after ${graph.toFixed(0)} ms (loading and compiling included), the longest task of the page ${busy.toFixed(0)} ms`,
  );
} finally {
  await browser.close();
  await platform.close();
}

async function took(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** What scripts have cost on the line. */
async function scriptBytes(page: Page): Promise<number> {
  const sizes = "performance.getEntriesByType('resource').filter((e) => e.name.endsWith('.js')).map((e) => e.encodedBodySize)";
  return ((await page.evaluate(sizes)) as number[]).reduce((sum, size) => sum + size, 0);
}

async function operate(path: string, body: object): Promise<{ url: string }> {
  const token = (await readFile(join(platform.directory, "admin.token"), "utf8")).trim();
  const headers = { "x-sbg-auth-token": token, "content-type": "application/json" };
  const address = platform.url.replace(/\/v2$/, `/operator${path}`);
  return (await fetch(address, { method: "POST", headers, body: JSON.stringify(body) })).json() as Promise<{ url: string }>;
}

function workflow(): object {
  const tool = {
    class: "CommandLineTool",
    baseCommand: "true",
    inputs: { a: "Any?", b: "Any?" },
    outputs: { out: { type: "Any", outputBinding: { outputEval: "$(1)" } } },
  };
  const steps = Array.from({ length: STEPS }, (_, n) => ({
    id: `step${n}`,
    run: tool,
    in:
      n < 10
        ? []
        : [
            { id: "a", source: `step${n - 10}/out` },
            { id: "b", source: `step${n - 10 - (n % 10) + ((n * 7) % 10)}/out` },
          ],
    out: ["out"],
  }));
  return { cwlVersion: "v1.2", class: "Workflow", inputs: {}, outputs: {}, steps };
}
