import { HELP, type RunnerOptions, readCommandLine, UsageError } from "./command-line.ts";

const SUCCESS = 0;
const FAILURE = 1;
/** What `cwl-runner` answers for a document that needs what the runner does not support. */
const UNSUPPORTED = 33;

/** The command `causeway-cwl-runner`: prints the output object on standard output and returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let options: RunnerOptions;
  try {
    options = readCommandLine(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return complain(error.message);
  }
  if (options.action === "help") return print(HELP);
  if (options.action === "version") return print(`causeway-cwl-runner ${await ownVersion()}\n`);

  // Loaded late: help and mistakes need none of it.
  const { isUnsupported, runDocumentFile } = await import("./document-run.ts");
  const { NoEngine } = await import("./job-runner.ts");
  const { DocumentError, JobError, RunError } = await import("@causeway/cwl");
  try {
    return print(await runDocumentFile(options));
  } catch (error) {
    if (error instanceof DocumentError) return complain(error.message, isUnsupported(error) ? UNSUPPORTED : FAILURE);
    if ([RunError, JobError, UsageError, NoEngine].some((known) => error instanceof known))
      return complain((error as Error).message);
    if (error instanceof DOMException && error.name === "AbortError") return complain("stopped before the end");
    throw error;
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return SUCCESS;
}

function complain(message: string, status = FAILURE): number {
  process.stderr.write(`causeway-cwl-runner: ${message}\n`);
  return status;
}

async function ownVersion(): Promise<string> {
  const { default: own } = await import("../../package.json", { with: { type: "json" } });
  return own.version;
}
