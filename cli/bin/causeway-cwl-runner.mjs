import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Before anything else is loaded: what is compiled once starts in half the time. Not in the shared /tmp, where other
// users could put code for us.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", "compile-cache"));

const { main } = await import("../src/cwl/main.ts");
process.exitCode = await main(process.argv.slice(2));
