import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Before anything else is loaded: what is compiled once starts in half the time. Not in the shared /tmp, where other
// users could put code for us.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", "compile-cache"));

const argv = process.argv.slice(2);
if (argv[0] === "cwl") {
  // Its options are the tool's own, too, so it reads the command line itself.
  const { runCwl } = await import("./cwl-command.ts");
  process.exitCode = await runCwl(argv.slice(1));
} else {
  const { runCommand } = await import("./program.ts");
  process.exitCode = await runCommand(argv);
}
