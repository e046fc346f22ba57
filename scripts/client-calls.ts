// Part of `npm run check`: contract/src/client-calls.json says of every operation what a client must know to call it. It is
// made from the tables of operations, so that the command line and the web UI need not load all shapes with a library
// for them (most of the time that a command took to start).
//   node scripts/client-calls.ts           compares
//   node scripts/client-calls.ts --write   writes it anew
import { readFileSync, writeFileSync } from "node:fs";
import { clientCallsOf, OPERATIONS, OPERATOR_OPERATIONS, WEB_OPERATIONS } from "../contract/src/index.ts";

const FILE = "contract/src/client-calls.json";

const tables = {
  api: clientCallsOf(OPERATIONS),
  operator: clientCallsOf(OPERATOR_OPERATIONS),
  web: clientCallsOf(WEB_OPERATIONS),
};
const text = `{\n${Object.entries(tables).map(tableText).join(",\n")}\n}\n`;
if (process.argv.includes("--write")) writeFileSync(FILE, text);
else if (readFileSync(FILE, "utf8") !== text) {
  console.error(`${FILE} is not that of the operations: node scripts/client-calls.ts --write`);
  process.exitCode = 1;
}

/** A line a call. */
function tableText([name, calls]: [string, object]): string {
  const lines = Object.entries(calls).map(([id, call]) => `    ${JSON.stringify(id)}: ${JSON.stringify(call)}`);
  return `  ${JSON.stringify(name)}: {\n${lines.join(",\n")}\n  }`;
}
