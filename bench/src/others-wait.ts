import { Worker } from "node:worker_threads";
import { startPlatform, verdict } from "./platform.ts";

// How long others wait, at the slowest, while one user sends the heaviest request of a kind that is taken: a thread of its
// own asks for `GET /user` every 5 ms. Usage: node bench/src/others-wait.ts [word…] (only cases with one of the words)
const words = process.argv.slice(2);
const AT_MOST_MS = 200;

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const TOOL = { cwlVersion: "v1.2", class: "CommandLineTool", baseCommand: "true", inputs: [] as object[], outputs: [] };
const WORKFLOW = { cwlVersion: "v1.2", class: "Workflow", inputs: [], outputs: [] };
const ALIASES = `cwlVersion: v1.2\nclass: CommandLineTool\ninputs: []\noutputs: []\nbaseCommand: x\nsbg:a0: &a0 [${times(10, String)}]\n${times(
  4,
  (level) => `sbg:a${level + 1}: &a${level + 1} [${times(10, () => `*a${level}`)}]\n`,
).join("")}`;

const platform = await startPlatform();
const sampler = new Worker(new URL("./others-wait-sampler.ts", import.meta.url), {
  workerData: { url: `${platform.url}/user`, token: platform.token },
});
try {
  const { id: project } = await platform.call("POST", "/projects", { name: "Bench" });
  let apps = 0;
  const send = async (method: string, path: string, body: unknown, type = "application/json") => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const headers = { "content-type": type, "x-sbg-auth-token": platform.token };
    const response = await fetch(platform.url + path, { method, headers, ...(method === "GET" ? {} : { body: text }) });
    await response.arrayBuffer();
    return response.status;
  };
  const app = (body: unknown, type?: string) => send("POST", `/apps/${project}/app${apps++}x/raw`, body, type);
  const many = {
    ...TOOL,
    inputs: [
      { id: "n", type: { type: "array", items: "int" } },
      { id: "f", type: "File[]?" },
    ],
  };
  await send("POST", `/apps/${project}/many/raw`, many);
  await send("POST", `/apps/${project}/large/raw`, { ...TOOL, doc: "x".repeat(15_000_000) });
  const ports = { ...TOOL, inputs: times(5000, (index) => ({ id: `p${index}`, type: "int?" })) };
  await send("POST", `/apps/${project}/ports/raw`, ports);
  const steps = times(9999, (index) => ({ id: `s${index}`, run: "#t", in: [], out: [] }));
  const flat = {
    cwlVersion: "v1.2",
    $graph: [
      { ...WORKFLOW, id: "main", steps },
      { ...TOOL, id: "t" },
    ],
  };
  await send("POST", `/apps/${project}/steps/raw`, flat);
  const own = times(9999, (index) => ({
    id: `s${index}`,
    run: { ...TOOL, inputs: [{ id: "n", type: "int?" }] },
    in: [],
    out: [],
  }));
  await send("POST", `/apps/${project}/tools/raw`, { ...WORKFLOW, steps: own });
  const records = { ...TOOL, inputs: [{ id: "x", type: "Any", default: times(120_000, (a) => ({ a, b: "x" })) }] };
  await send("POST", `/apps/${project}/records/raw`, records);
  const task = (name: string, inputs: object) =>
    send("POST", "/tasks", { name: "t", project, app: `${project}/${name}`, inputs });
  const file = { class: "File", path: "5772b6f1507c1752674486d0" };

  const cases: Record<string, () => Promise<number>> = {
    "nothing else": () => send("GET", "/user", undefined),
    "app: 15 MB of text": () => app({ ...TOOL, doc: "x".repeat(15_000_000) }),
    "app: 9,999 steps": () => app(flat),
    "app: 490,000 values": () => app({ ...TOOL, "sbg:x": times(490_000, (index) => index) }),
    "app: 5,000 inputs": () => app(ports),
    "app: aliases to 110,000 values": () => app(ALIASES, "application/yaml"),
    "app: 4 MB of YAML": () => app(`${ALIASES}doc:\n${"- a line\n".repeat(450_000)}`, "application/yaml"),
    "app: 20,000 nested lists": () => app(`{"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
    "get app of 15 MB": () => send("GET", `/apps/${project}/large`, undefined),
    "get app of 15 MB, narrowed": () => send("GET", `/apps/${project}/large?fields=raw.inputs`, undefined),
    "list apps with documents": () => send("GET", `/apps?project=${project}&fields=_all&limit=4`, undefined),
    "task: 90,000 numbers": () => task("many", { n: times(90_000, (index) => index) }),
    "task: 30,000 files": () => task("many", { n: [], f: times(30_000, () => file) }),
    "task: app with 5,000 inputs": () => task("ports", Object.fromEntries(times(5000, (index) => [`p${index}`, index]))),
    "task: 90,000 wrong values": () => task("many", { n: times(90_000, () => "x") }),
    "task: app with 9,999 steps": () => task("steps", {}),
    "task: app with 9,999 tools": () => task("tools", {}),
    "task: app with 120,000 records": () => task("records", {}),
    "project: settings of 8 MB": () => send("POST", "/projects", { name: "p", description: "x".repeat(8_000_000) }),
    "search: 100,000 brackets": () => send("POST", "/search", { query: `SELECT FILE WHERE ${"(".repeat(100_000)}` }),
    "bulk: 90,000 ids": () => send("POST", "/bulk/files/get", { file_ids: times(90_000, String) }),
    "fields of 15 KB": () =>
      send(
        "GET",
        `/user?fields=${times(5000, (index) => `a${index % 10}`)
          .join(",")
          .slice(0, 15_000)}`,
        undefined,
      ),
  };
  console.log("| request | status | seconds | slowest answer to another, ms |\n| --- | --- | --- | --- |");
  let worst = 0;
  for (const [name, heavy] of Object.entries(cases)) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    await slowest();
    const start = performance.now();
    const status = await heavy();
    const seconds = (performance.now() - start) / 1000;
    const ms = await slowest();
    worst = Math.max(worst, ms);
    console.log(`| ${name} | ${status} | ${seconds.toFixed(2)} | ${ms.toFixed(0)} |`);
  }
  verdict("slowest answer to another user", worst, " ms", { atMost: AT_MOST_MS });
} finally {
  await sampler.terminate();
  await platform.close();
}

/** Of the answers since it was asked the last time. */
async function slowest(): Promise<number> {
  return new Promise((answer) => {
    sampler.once("message", answer);
    sampler.postMessage("slowest");
  });
}
