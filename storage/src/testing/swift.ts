import { type ChildProcess, execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { endServer, freePort, serversReady, startServer } from "./server-process.ts";
import { ringProgram, SWIFT_KINDS, type SwiftPorts, writeSwiftSettings } from "./swift-settings.ts";

/** What `apt-get install --no-install-recommends` wants for `startSwift`. */
export const SWIFT_PACKAGES = ["swift-proxy", "swift-object", "swift-account", "swift-container", "memcached"] as const;

/** Why S3 cannot be tested on this machine, or false when it can. */
export const noSwift: string | false = isInstalled()
  ? false
  : `no S3 server here: apt-get install -y --no-install-recommends ${SWIFT_PACKAGES.join(" ")}`;

function isInstalled(): boolean {
  const programs = ["swift-proxy-server", ...SWIFT_KINDS.map((kind) => `swift-${kind}-server`), "memcached"];
  return programs.every((name) => existsSync(join("/usr/bin", name)));
}

/** An S3 server that checks signatures, on loopback. */
export interface SwiftServer {
  /** `http://127.0.0.1:<port>`; buckets are addressed by path. */
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Ends every process and removes every byte. */
  stop(): Promise<void>;
}

/** Makes a bucket of that name. */
export async function createBucket({ endpoint, region, ...credentials }: SwiftServer, name: string): Promise<void> {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  client.destroy();
}

/**
 * Starts Debian's OpenStack Swift with its S3 face: five processes, ready in about 3 s, all their files in a new
 * directory under the system's temporary one, whose file system must have extended attributes. They end with this
 * process, whatever ends it.
 */
export async function startSwift(): Promise<SwiftServer> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-swift-"));
  const ports = await freePorts();
  await writeSwiftSettings(directory, ports, userInfo().username);
  await promisify(execFile)("/usr/bin/python3", ["-c", ringProgram(directory, ports)]);

  const log = join(directory, "log");
  await writeFile(log, "");
  const started = [
    startServer(["/usr/bin/memcached", "-l", "127.0.0.1", "-p", String(ports.memcached), "-u", userInfo().username, "-U", "0"], {
      log,
    }),
    ...SWIFT_KINDS.map((kind) => startServer([`/usr/bin/swift-${kind}-server`, join(directory, `${kind}-server.conf`)], { log })),
    startServer(["/usr/bin/swift-proxy-server", join(directory, "proxy-server.conf")], { log }),
  ];
  const stop = async () => {
    await Promise.all(started.map(endServer));
    await rm(directory, { recursive: true, force: true });
  };

  const endpoint = `http://127.0.0.1:${ports.proxy}`;
  try {
    await ready(endpoint, ports, started);
  } catch (error) {
    const said = await readFile(log, "utf8");
    await stop();
    throw new Error(`Swift did not start: ${said.slice(-2000)}`, { cause: error });
  }
  return { endpoint, region: "us-east-1", accessKeyId: "test:tester", secretAccessKey: "testing", stop };
}

async function ready(endpoint: string, ports: SwiftPorts, started: ChildProcess[]): Promise<void> {
  const probes = [`${endpoint}/healthcheck`, ...SWIFT_KINDS.map((kind) => `http://127.0.0.1:${ports[kind]}/`)];
  for (const probe of probes) await serversReady(() => fetch(probe), started);
}

async function freePorts(): Promise<SwiftPorts> {
  const [account, container, object, proxy, memcached] = await Promise.all(Array.from({ length: 5 }, freePort));
  return { account: account!, container: container!, object: object!, proxy: proxy!, memcached: memcached! };
}
