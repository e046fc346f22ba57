// The first thing every `npm run` starts. Plain JavaScript for any Node from 20 on: it has to work on a machine
// that has only git and Node. It installs what is missing, then hands over to Node 24, which the npm package
// `node` brings:  node scripts/run.mjs FILE [ARGUMENT…]
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { InstallFailed, installIfNeeded, nodeBinary, root } from "./install.mjs";

const [file, ...args] = process.argv.slice(2);
if (!file) {
  console.error("usage: node scripts/run.mjs FILE [ARGUMENT…]");
  process.exit(2);
}

try {
  await installIfNeeded();
} catch (error) {
  if (!(error instanceof InstallFailed)) throw error;
  console.error(`\n${error.message}`);
  process.exit(1);
}

const child = spawn(nodeBinary, ["--disable-warning=ExperimentalWarning", join(root, file), ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}` },
});

// A terminal sends Ctrl-C to the whole group, a supervisor sends SIGTERM to this process alone: the child gets
// both, and this process leaves only after it, with its result.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`cannot start ${nodeBinary}: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
