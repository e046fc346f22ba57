import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { closeInherited } from "./inherited-descriptors.ts";

// `node server/src/main.ts`: see `serve.ts`. With `--settings` it prints the manual of its settings, as JSON, and ends.

closeInherited();

// Bytes that come up are external memory. By default V8 collects its whole heap for every 64 MiB of it, which costs an
// upload as much as its checksum; with this they count like the rest of the heap.
setFlagsFromString("--external-memory-accounted-in-global-limit");

// What is compiled once starts in half the time; not in the shared /tmp, where other users could put code for us. After
// V8's flags, because Node keeps a cache for each set of them: one that they do not fit is refused and written anew.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", "compile-cache"));

if (process.argv.includes("--settings")) {
  const { settingsManual } = await import("./settings.ts");
  process.stdout.write(`${JSON.stringify(settingsManual())}\n`);
} else {
  const { run } = await import("./serve.ts");
  run();
}
