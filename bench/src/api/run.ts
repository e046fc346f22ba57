// The most used calls of the API, for one client and for fifty, against bare Fastify with as many queries on the same rows.
//     node bench/src/api/run.ts [seconds] [rounds] [words of a call's name]
// The sides take turns; a ratio is the median of the rounds' own.
import { type Load, load, type Request } from "../http-load.ts";
import { median, startPlatform, startProcess, stopProcess, verdict } from "../platform.ts";
import { type Call, prepareCalls } from "./calls.ts";
import { countStatements } from "./statement-count.ts";

const [seconds = 1, rounds = 5] = process.argv.slice(2, 4).map(Number);
const words = process.argv.slice(4).join(" ");
const CLIENTS = [1, 50];
/** Of a call's throughput against the floor's. The budget names one call; the others are held to half. */
const GOALS: Readonly<Record<string, number>> = { "GET file": 0.6 };
const OTHERS = 0.5;

interface Row {
  call: Call;
  statements: { ours: number; floor: number };
  ours: Load;
  floor: Load;
  ratio: number;
}

const platform = await startPlatform();
const floor = await startProcess(new URL("floor.ts", import.meta.url).pathname, [], { DATABASE_URL: platform.databaseUrl });
try {
  const calls = (await prepareCalls(platform)).filter(({ name }) => name.includes(words));
  const counted = new Map<string, Row["statements"]>();
  for (const call of calls) {
    const [ours, bare] = bothSides(call);
    const statements = { ours: await countOf(ours[0]!), floor: await countOf(bare[0]!) };
    counted.set(call.name, statements);
  }
  const measured: { clients: number; rows: Row[] }[] = [];
  for (const clients of CLIENTS) {
    const rows: Row[] = [];
    for (const call of calls) rows.push(await compare(call, clients, counted.get(call.name)!));
    print(clients, rows);
    measured.push({ clients, rows });
  }
  for (const { clients, rows } of measured) {
    for (const { call, ratio } of rows)
      verdict(`${call.name}, ${clients} at once, against the floor`, ratio, "", { atLeast: GOALS[call.name] ?? OTHERS });
  }
} finally {
  await stopProcess(floor.child);
  await platform.close();
}

async function compare(call: Call, clients: number, statements: Row["statements"]): Promise<Row> {
  const [requests, bareRequests] = bothSides(call);
  const sides: { ours: Load; floor: Load }[] = [];
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const bare = await load(bareRequests, clients, seconds);
    const ours = await load(requests, clients, seconds);
    if (round > 0) sides.push({ ours, floor: bare });
  }
  const ratio = median(sides.map(({ ours, floor }) => ours.perSecond / floor.perSecond));
  return { call, statements, ours: middle(sides.map(({ ours }) => ours)), floor: middle(sides.map(({ floor }) => floor)), ratio };
}

/** The same requests to ours and to the floor. */
function bothSides({ method, paths, body }: Call): [Request[], Request[]] {
  const to = (url: string, headers: Record<string, string>) =>
    paths.map((path) => ({ method, url: url + path, headers, ...(body === undefined ? {} : { body }) }));
  return [to(platform.url, platform.headers), to(`http://127.0.0.1:${floor.line}`, {})];
}

function countOf({ method = "GET", url, headers = {}, body }: Request): Promise<number> {
  return countStatements(platform, async () => {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(url, { method, headers: { ...headers, "content-type": "application/json" }, ...content });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  });
}

function middle(loads: readonly Load[]): Load {
  const of = (figure: keyof Load) => median(loads.map((load) => load[figure]));
  return { perSecond: of("perSecond"), median: of("median"), p99: of("p99") };
}

/** As a table of Markdown; ours and the floor's behind a stroke. */
function print(clients: number, rows: readonly Row[]): void {
  const lines = [
    ["call", "statements", "a second", "ratio", "p50 ms", "p99 ms"],
    ["---", "---", "---", "---", "---", "---"],
    ...rows.map(({ call, statements, ours, floor, ratio }) => [
      call.name,
      `${statements.ours} / ${statements.floor}`,
      `${ours.perSecond.toFixed(0)} / ${floor.perSecond.toFixed(0)}`,
      ratio.toFixed(2),
      `${ours.median.toFixed(2)} / ${floor.median.toFixed(2)}`,
      `${ours.p99.toFixed(1)} / ${floor.p99.toFixed(1)}`,
    ]),
  ];
  console.log(`\n${clients === 1 ? "one client" : `${clients} clients`}: ours / floor\n`);
  for (const cells of lines) console.log(`| ${cells.join(" | ")} |`);
  console.log("");
}
