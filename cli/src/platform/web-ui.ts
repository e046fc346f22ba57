import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./server-process.ts";

const BUILD = join(ROOT, "web", "build.ts");

/**
 * Builds the web UI where it is not built yet, or from older sources: some seconds, without the network, while the
 * platform starts. Answers whether it is there; a platform without it works, too.
 */
export async function buildWebUi(): Promise<boolean> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", BUILD, "--if-stale"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words += text;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", resolve);
  });
  if (code !== 0) process.stderr.write(`The web UI could not be built; all else works.\n${words.trimEnd()}\n`);
  return existsSync(join(ROOT, "web", "dist", "files.json"));
}
