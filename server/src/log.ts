import { isatty } from "node:tty";
import pino, { type Logger } from "pino";
import type { Settings } from "./settings.ts";

const STDERR = 2;

/** The log, on stderr: an object a line for programs, or lines for people. Writing it never fails: the other end may be gone. */
export async function openLog({ logLevel, logFormat }: Pick<Settings, "logLevel" | "logFormat">): Promise<Logger> {
  const isText = logFormat === "text" || (logFormat === "auto" && isatty(STDERR));
  const lines = isText ? await readable() : pino.destination({ fd: STDERR, sync: false });
  lines.on("error", () => {});
  return pino({ level: logLevel }, lines);
}

async function readable(): Promise<NodeJS.WritableStream> {
  const { build } = await import("pino-pretty");
  return build({
    destination: STDERR,
    sync: true,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss",
    colorize: isatty(STDERR),
  });
}
