import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

/**
 * `node server/src/main.ts`: see `serve.ts`. What is compiled once starts in half the time; not in the shared /tmp, where
 * other users could put code for us.
 */
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", "compile-cache"));

// Bytes that come up are external memory. By default V8 collects its whole heap for every 64 MiB of it, which costs an
// upload as much as its checksum; with this they count like the rest of the heap.
setFlagsFromString("--external-memory-accounted-in-global-limit");

const { run } = await import("./serve.ts");
run();
