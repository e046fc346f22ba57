import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { CliError, EXIT, type ExitCode } from "../exit.ts";
import { greeting } from "./greeting.ts";
import { aborted, assertEndedWell, Stopped, startServer, untilSignal } from "./server-process.ts";
import { signInLink } from "./sign-in-link.ts";
import { buildWebUi } from "./web-ui.ts";

export interface ServeOptions {
  readonly host?: string;
  readonly port?: string;
  readonly dataDir?: string;
  readonly publicUrl?: string;
  readonly json?: boolean;
}

/** Starts the platform with the settings of the environment, over which the options go, and serves until told to stop. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  const stop = untilSignal();
  const directory = resolve(options.dataDir ?? (process.env.CAUSEWAY_DATA || ".causeway"));
  const isNew = !existsSync(directory);
  const built = buildWebUi();
  try {
    const server = await startServer({
      signal: stop,
      settings: {
        CAUSEWAY_DATA: directory,
        ...(options.host === undefined ? {} : { CAUSEWAY_HOST: options.host }),
        ...(options.port === undefined ? {} : { CAUSEWAY_PORT: options.port }),
        ...(options.publicUrl === undefined ? {} : { CAUSEWAY_PUBLIC_URL: options.publicUrl }),
        // People at a terminal want to hear of trouble, machines that collect the log want all of it.
        CAUSEWAY_LOG: process.env.CAUSEWAY_LOG ?? (process.stderr.isTTY ? "warn" : "info"),
      },
    });
    const tokenFile = join(directory, "admin.token");
    const hasUi = await built;
    const isWatched = isNew || process.stdout.isTTY === true;
    const administrator = process.env.CAUSEWAY_ADMINISTRATOR || "admin";
    const link = hasUi && isWatched && existsSync(tokenFile) ? await signInLink(server.url, directory, administrator) : undefined;
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ url: server.url, data: directory, token_file: tokenFile, ...(link === undefined ? {} : { sign_in: link }) })}\n`
        : greeting(server.url, directory, { tokenFile: existsSync(tokenFile) ? tokenFile : undefined, isNew, link }),
    );
    const { code } = await Promise.race([server.ended, aborted(stop).then(() => ({ code: 0 }))]);
    if (code !== 0) throw new CliError("The platform ended by itself.", { advice: "Its log says why." });
    assertEndedWell(await server.stop());
    return EXIT.ok;
  } catch (error) {
    if (error instanceof Stopped) return EXIT.ok;
    throw error;
  }
}
