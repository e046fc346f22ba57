import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * `node server/src/main.ts`: see `serve.ts`. What is compiled once starts in half the time; not in the shared /tmp, where
 * other users could put code for us.
 */
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", "compile-cache"));

const { run } = await import("./serve.ts");
run();
