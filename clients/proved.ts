// What runs with real clients have proved about each operation: clients/proved.tsv, from which docs/compatibility.md is
// made. `npm run clients` holds its claims against its own run; so does the fuzzer's stage of CI, by
//   node clients/proved.ts ACCESS_LOG             fails when a client in the log does less than is claimed of it
//   node clients/proved.ts --record ACCESS_LOG    claims what the clients in the log did, for each of them in place of before
// The log is what CAUSEWAY_ACCESS_LOG made the platforms of the run write.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** A line an operation, by its id: the clients that have called it, and the codes that our own tests were answered by it. */
const RECORD = new URL("proved.tsv", import.meta.url);
const HEAD = "operation\tclients\tcodes";

/**
 * Who sent a request, by its User-Agent. A call counts when it worked; with `anyAnswer` also when it was refused, unless for
 * want of a token: then the client compares every answer with what the API's description says.
 */
const CLIENTS = [
  { name: "sbpack", agent: /^sbpack\//, anyAnswer: false },
  { name: "sevenbridges-python", agent: /^sevenbridges-python\//, anyAnswer: false },
  { name: "sevenbridges2", agent: /^sevenbridges2 /, anyAnswer: false },
  { name: "schemathesis", agent: /^schemathesis\//, anyAnswer: true },
] as const;

/** Our own tests, as `server/src/testing/world.ts` names them. */
const OWN_TESTS = /^causeway-tests$/;

/** A line of the access log, as far as it counts here. */
interface Call {
  readonly operation: string;
  readonly status: number;
  readonly code?: number;
  readonly client: string | null;
}

/** Pairs of operation and what was proved of it: `getFile sevenbridges-python`, `getFile 5002`; and whose runs they are. */
interface Run {
  readonly sources: ReadonlySet<string>;
  readonly facts: ReadonlySet<string>;
}

const OWN = "own tests";

/** The claims of `run`'s clients that it did not prove again. */
export function unproved(run: Run): string[] {
  const claims = claimed().filter((fact) => run.sources.has(sourceOf(fact)));
  return claims.filter((fact) => !run.facts.has(fact));
}

/** Writes the record anew: what `run` proved of its clients, and the old claims of the others. */
export function record(run: Run): void {
  const kept = claimed().filter((fact) => !run.sources.has(sourceOf(fact)));
  const proved = Map.groupBy([...new Set([...kept, ...run.facts])].map(split), ([operation]) => operation);
  const lines = [...proved.keys()].sort().map((operation) => {
    const all = proved.get(operation)!.map(([, what]) => what);
    const clients = all.filter((what) => !isCode(what)).sort();
    const codes = all.filter(isCode).sort((a, b) => Number(a) - Number(b));
    return `${operation}\t${clients.join(" ")}\t${codes.join(" ")}`;
  });
  writeFileSync(RECORD, `${[HEAD, ...lines].join("\n")}\n`);
}

/** What a run proved, from the access log of its platforms. */
export function readRun(accessLog: string): Run {
  const sources = new Set<string>();
  const facts = new Set<string>();
  for (const line of readFileSync(accessLog, "utf8").split("\n").filter(Boolean)) {
    const { operation, status, code, client } = JSON.parse(line) as Call;
    const known = CLIENTS.find(({ agent }) => agent.test(client ?? ""));
    if (known) {
      sources.add(known.name);
      if (status < 300 || (known.anyAnswer && status !== 401 && status < 500)) facts.add(`${operation} ${known.name}`);
    } else if (OWN_TESTS.test(client ?? "")) {
      sources.add(OWN);
      if (code !== undefined) facts.add(`${operation} ${code}`);
    }
  }
  return { sources, facts };
}

/** What the record says, as facts. */
function claimed(): string[] {
  const lines = readFileSync(RECORD, "utf8").trimEnd().split("\n").slice(1);
  return lines.flatMap((line) => {
    const [operation, ...columns] = line.split("\t");
    return columns.flatMap((column) => column.split(" ").filter(Boolean)).map((what) => `${operation} ${what}`);
  });
}

function split(fact: string): [operation: string, what: string] {
  const blank = fact.indexOf(" ");
  return [fact.slice(0, blank), fact.slice(blank + 1)];
}

const isCode = (what: string) => /^\d+$/.test(what);

function sourceOf(fact: string): string {
  const [, what] = split(fact);
  return isCode(what) ? OWN : what;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const words = process.argv.slice(2);
  const log = words.find((word) => !word.startsWith("--"));
  if (log === undefined) throw new Error("usage: node clients/proved.ts [--record] ACCESS_LOG");
  const run = readRun(log);
  if (words.includes("--record")) record(run);
  else {
    const missing = unproved(run);
    for (const fact of missing) console.error(`clients/proved.tsv claims what this run did not prove: ${fact}`);
    process.exitCode = missing.length > 0 ? 1 : 0;
  }
}
