import { EXIT } from "./exit.ts";

const USAGE = `Usage: causeway cwl run|validate [options] DOCUMENT [JOB_ORDER] [--INPUT VALUE ...]

The CWL engine by itself: no server, no account.

  run        run a document and print its outputs as JSON
  validate   tell everything that is wrong with a document

Examples:
  $ causeway cwl run workflow.cwl inputs.yml --outdir results
  $ causeway cwl run tool.cwl --message hello
  $ causeway cwl run tool.cwl --help          the tool's own inputs
  $ causeway cwl validate workflow.cwl
  $ causeway cwl run --help                   every option
`;

/** `causeway cwl run|validate …`: what `causeway-cwl-runner` does, under the one command's name. */
export async function runCwl(argv: readonly string[]): Promise<number> {
  const [action, ...rest] = argv;
  if (action === "run" || action === "validate") {
    const { main } = await import("./cwl/main.ts");
    return main(action === "validate" ? ["--validate", ...rest] : rest);
  }
  const isQuestion = action === undefined || action === "--help" || action === "-h" || action === "help";
  (isQuestion ? process.stdout : process.stderr).write(isQuestion ? USAGE : `causeway: no cwl command ${action}\n\n${USAGE}`);
  return isQuestion ? EXIT.ok : EXIT.usage;
}
