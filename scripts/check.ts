// `npm run check`: everything that is said about the code without running it. Each check reports; none hides the next.
//   npm run check            all
//   npm run check -- types   those whose name contains the word
import { spawn } from "node:child_process";

const CHECKS: { name: string; command: string; args: string[] }[] = [
  { name: "types", command: "tsc", args: ["--noEmit"] },
  { name: "types of the web UI", command: "tsc", args: ["--noEmit", "-p", "web"] },
  { name: "lint and format", command: "biome", args: ["check", "--error-on-warnings", "--max-diagnostics=100"] },
  {
    name: "import rules",
    command: "depcruise",
    args: [
      "contract",
      "cwl",
      "executors",
      "storage",
      "agent",
      "server",
      "cli",
      "web",
      "bench",
      "scripts",
      "--output-type",
      "err",
    ],
  },
  { name: "unused code and dependencies", command: "knip", args: ["--no-progress", "--no-config-hints"] },
  { name: "dependencies.md", command: "node", args: ["scripts/dependencies.ts"] },
  { name: "client calls", command: "node", args: ["scripts/client-calls.ts"] },
  { name: "errors.md", command: "node", args: ["scripts/errors-document.ts"] },
  { name: "citations", command: "node", args: ["scripts/citations.ts"] },
  { name: "compatibility.md", command: "node", args: ["scripts/compatibility-document.ts"] },
];

const words = process.argv.slice(2);
const chosen = CHECKS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));

let failed = 0;
for (const { name, command, args } of chosen) {
  const started = performance.now();
  const { code, output } = await run(command, args);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? "✔" : "✖"} ${name}  ${seconds} s`);
  if (code !== 0) {
    failed += 1;
    console.log(`${output.trimEnd().replace(/^(?=.)/gm, "  ")}\n`);
  }
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || chosen.length === 0 ? 1 : 0;

/** `output` is standard output and standard error as they came. */
function run(command: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
