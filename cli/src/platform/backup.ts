import { spawn } from "node:child_process";
import { constants } from "node:os";
import { resolve } from "node:path";
import { EXIT } from "../exit.ts";
import { createOutput, size } from "../output/output.ts";
import { SERVER } from "./server-process.ts";

interface DirectoryOptions {
  /** Of the platform; else CAUSEWAY_DATA. */
  readonly dataDir?: string;
  readonly json?: boolean;
}

export interface BackupOptions extends DirectoryOptions {
  readonly previous?: string;
  readonly fetch?: boolean;
}

interface BackedUp {
  at: string;
  rows: number;
  blobs: number;
  size: number;
  damaged: number;
  included: boolean;
}

/** Makes a backup of the platform of a data directory, running or not. Exit code 1 also when bytes were missing. */
export async function backup(directory: string, { dataDir, previous, fetch, json }: BackupOptions): Promise<number> {
  const args = ["--backup", resolve(directory)];
  if (previous !== undefined) args.push("--previous", resolve(previous));
  if (fetch) args.push("--fetch");
  const { code, result } = await runServer<BackedUp>(args, dataDir);
  if (!result) return code;
  createOutput(json === true).show({ directory: resolve(directory), ...result }, () => {
    const bytes = `${result.blobs} files of ${size(result.size)}${result.included ? "" : ", which stay in the bucket"}`;
    const damage =
      result.damaged === 0
        ? ""
        : `\n${result.damaged} files are NOT in it: their bytes are missing or damaged (blobs.tsv names them).`;
    return `Backup of ${result.at} in ${directory}: ${result.rows} rows, ${bytes}.${damage}`;
  });
  return result.damaged === 0 ? EXIT.ok : EXIT.failure;
}

interface Restored {
  at: string;
  rows: number;
  blobs: number;
  damaged: number;
}

/** Makes a platform in an empty data directory (and, with DATABASE_URL, an empty database) of a backup. */
export async function restore(directory: string, { dataDir, json }: DirectoryOptions): Promise<number> {
  const { code, result } = await runServer<Restored>(["--restore", resolve(directory)], dataDir);
  if (!result) return code;
  const data = resolve(dataDir ?? (process.env.CAUSEWAY_DATA || ".causeway"));
  createOutput(json === true).show({ data, ...result }, () => {
    const damage = result.damaged === 0 ? "" : ` ${result.damaged} files had no bytes when it was made.`;
    return `Restored to ${data}, as it was at ${result.at}: ${result.rows} rows, ${result.blobs} files, all checked.${damage}
Start it: causeway serve --data-dir ${data}`;
  });
  return EXIT.ok;
}

/** Runs the server's program, which alone knows database and store, to its end. What it says of its way goes to stderr. */
async function runServer<Result>(
  args: readonly string[],
  dataDir: string | undefined,
): Promise<{ code: number; result?: Result }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", SERVER, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(dataDir === undefined ? {} : { CAUSEWAY_DATA: resolve(dataDir) }) },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) =>
    child.once("close", (...ending) => done(ending)),
  );
  if (code === 0) return { code, result: JSON.parse(said) as Result };
  return { code: code ?? 128 + constants.signals[signal!] };
}
