import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createOutput } from "../output/output.ts";
import { ROOT } from "./server-process.ts";

interface Setting {
  variable: string;
  default: unknown;
  description: string;
}

/** Prints the manual of the server's settings, which only the server knows. */
export async function printSettings({ json }: { json?: boolean }): Promise<void> {
  const server = ["--disable-warning=ExperimentalWarning", `${ROOT}/server/src/main.ts`, "--settings"];
  const { stdout } = await promisify(execFile)(process.execPath, server);
  const settings = JSON.parse(stdout) as Setting[];
  createOutput(json === true).show(settings, () =>
    [
      "Settings are environment variables; VARIABLE_FILE names a file that holds the value instead.",
      ...settings.map((each) => `${each.variable}${each.default === "" ? "" : `=${each.default}`}\n    ${each.description}`),
    ].join("\n\n"),
  );
}
