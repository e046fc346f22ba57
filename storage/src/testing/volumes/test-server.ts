import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endServer, findProgram, freePort, serversReady, startServer } from "../server-process.ts";

/** A server of a storage service, on loopback, with its bytes in a directory of its own. */
export interface TestServer {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  directory: string;
  /** Ends it and removes its bytes. */
  stop(): Promise<void>;
}

/** Why tests with these programs cannot run here, or false when they can. CI may not skip them. */
export function noProgram(...names: string[]): string | false {
  const lacking = names.filter((name) => findProgram(name) === undefined);
  if (lacking.length === 0) return false;
  return `no ${lacking.join(", ")} here: sh .ci/volume-servers.sh <folder>, then CAUSEWAY_VOLUME_SERVERS=<folder>`;
}

/** Starts `program` with what `describe` says of a port and a directory, and waits until `ready` answers. */
export async function startTestServer(
  program: string,
  describe: (place: { port: number; directory: string }) => {
    args: string[];
    folders?: string[];
    env?: NodeJS.ProcessEnv;
    scheme?: "http" | "https";
    isReady(endpoint: string): Promise<unknown>;
  },
): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-server-"));
  const port = await freePort();
  const { args, folders = [], env, scheme = "http", isReady } = describe({ port, directory });
  for (const folder of folders) await mkdir(join(directory, folder));
  const log = join(directory, "log");
  const child = startServer([findProgram(program)!, ...args], { log, ...(env ? { env } : {}) });
  const stop = async () => {
    await endServer(child);
    await rm(directory, { recursive: true, force: true });
  };
  const endpoint = `${scheme}://127.0.0.1:${port}`;
  try {
    await serversReady(() => isReady(endpoint), [child]);
  } catch (error) {
    const said = await readFile(log, "utf8").catch(() => "");
    await stop();
    throw new Error(`${program} did not start: ${said.slice(-2000)}`, { cause: error });
  }
  return { endpoint, directory, stop };
}

/** For `isReady`: any answer. */
export async function answers(url: string): Promise<void> {
  await (await fetch(url)).arrayBuffer();
}
