import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { appCommands } from "./apps/commands.ts";
import { billingCommands } from "./billing/commands.ts";
import { priceCommands } from "./billing/price-commands.ts";
import { divisionCommands } from "./divisions/commands.ts";
import { EXIT, EXIT_HELP } from "./exit.ts";
import { feedbackCommands } from "./feedback/commands.ts";
import { fileCommands } from "./files/commands.ts";
import { platformCommands } from "./platform/commands.ts";
import { projectCommands } from "./projects/commands.ts";
import { secretCommands } from "./secrets/commands.ts";
import { weightCommands } from "./shares/commands.ts";
import { taskCommands } from "./tasks/commands.ts";
import { transferCommands } from "./transfers/commands.ts";
import { userCommands } from "./users/commands.ts";
import { volumeCommands } from "./volumes/commands.ts";
import { volumeJobCommands } from "./volumes/job-commands.ts";

/**
 * Runs one command line and answers its exit code. Nothing here loads more than the words of the help; what a command
 * does is loaded when it is called.
 */
export async function runCommand(argv: readonly string[]): Promise<number> {
  process.stdout.on("error", endQuietly);
  const program = createProgram();
  try {
    await program.parseAsync(argv, { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    // Help and version are no errors, and everything else that commander throws is a wrong command line, told already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return complain(error, argv.includes("--json"));
  }
}

/** Every command with its words. */
export function createProgram(): Command {
  const program = new Command("causeway")
    .description("A bioinformatics platform a lab runs itself, wire-compatible with the Seven Bridges API v2.")
    .version(version(), "--version", "print the version of this program")
    .option("--json", "print one JSON document on stdout, and an error as JSON on stderr")
    .option("--url <address>", "the platform's address, ending in /v2")
    .option("--token <token>", "the token to use there")
    .option("--profile <name>", "a section of ~/.sevenbridges/credentials")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showHelpAfterError("(add --help for what is allowed)")
    .exitOverride()
    .addHelpText(
      "after",
      `
Which platform: --url and --token, else --profile, else SB_API_ENDPOINT and SB_AUTH_TOKEN, else the profiles [causeway]
and [default] of ~/.sevenbridges/credentials, else the platform that runs on the data directory here.
Files, folders and apps are named by id or by path: ana/reef/reads/sample.fastq.gz

${EXIT_HELP}

Examples:
  $ causeway quickstart
  $ causeway serve
  $ causeway upload *.fastq.gz --project ana/reef
  $ causeway task run ana/reef/align --input reads=ana/reef/sample.fastq.gz --wait
  $ causeway task outputs TASK --download results`,
    );
  program.helpCommand("help [command]", "show the help of a command");
  for (const add of [
    platformCommands,
    userCommands,
    divisionCommands,
    projectCommands,
    fileCommands,
    transferCommands,
    volumeCommands,
    volumeJobCommands,
    appCommands,
    taskCommands,
    billingCommands,
    priceCommands,
    weightCommands,
    secretCommands,
    feedbackCommands,
  ]) {
    add(program);
  }
  program.command("cwl").description("run or validate a CWL document with the engine alone (causeway cwl --help)");
  inherit(program);
  return program;
}

/** Of the package that this program is part of. */
function version(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}

/** Subcommands are made before what they inherit is set. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}

/** Tells what went wrong: for people in lines, for scripts as one JSON document, both on stderr. */
async function complain(error: unknown, json: boolean): Promise<number> {
  const { explain } = await import("./failure.ts");
  const explanation = explain(error);
  if (!explanation) throw error;
  const { message, detail, advice, exit, ...numbers } = explanation;
  const lines = [`causeway: ${message}${"code" in numbers ? ` (code ${numbers.code})` : ""}`, detail, advice];
  const text = json
    ? JSON.stringify({ error: { ...numbers, message, detail, advice, exit } })
    : lines.filter(Boolean).join("\n  ");
  process.stderr.write(`${text}\n`);
  return exit;
}

/** Whoever read our output has read enough: `causeway … | head`. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(EXIT.ok);
}
