import type { ArgumentsOf, Operations } from "@causeway/contract/client";
import type { Session } from "../connection/session.ts";
import { CliError, EXIT } from "../exit.ts";
import { printableText } from "../output/output.ts";
import type { Task } from "./wait.ts";

type Creation = ArgumentsOf<Operations["createTask"]>;

/**
 * Makes a task and runs it. Where it cannot be run, whatever keeps it from that, its draft is deleted, also when the
 * command is interrupted on the way; a draft that cannot be deleted is named.
 *
 * @param told what a file of inputs is known to have wrong, by places: it says the line and what to write
 * @throws CliError with everything that is wrong with the draft
 */
export async function runNew(
  { client, output }: Session,
  creation: Omit<Creation, "action">,
  told?: ReadonlyMap<string, string>,
): Promise<Task> {
  const interrupted = new AbortController();
  const onSignal = () => interrupted.abort();
  // A second one ends the command as ever.
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  const draft = await client.createTask(creation).catch((error: unknown) => {
    if (interrupted.signal.aborted) throw new Interrupted();
    throw error;
  });
  let isRun = false;
  try {
    if (interrupted.signal.aborted) throw new Interrupted();
    if (draft.errors.length > 0) throw cannotRun(draft.errors, told);
    const started = await client.runTask({ task: draft.id });
    isRun = true;
    if (interrupted.signal.aborted)
      throw new CliError(`Interrupted: task ${started.id} has been submitted and goes on.`, {
        exit: EXIT.interrupted,
        advice: `\`causeway task abort ${started.id}\` ends it.`,
      });
    return started;
  } finally {
    if (!isRun)
      await client.deleteTask({ task: draft.id }).catch((error: Error) => {
        output.note(`The draft ${draft.id} is left (${error.message}): \`causeway task delete ${draft.id}\` removes it.`);
      });
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

class Interrupted extends CliError {
  constructor() {
    super("Interrupted before the task was run.", { exit: EXIT.interrupted });
  }
}

/** Everything that keeps a task from being run, with its places. */
export function cannotRun(
  problems: readonly { input?: string | undefined; message: string }[],
  told: ReadonlyMap<string, string> = new Map(),
): CliError {
  const lines = problems.map(({ input = "", message }) =>
    printableText(told.get(input) ?? `${input === "" ? "" : `${input}: `}${message}`, 4),
  );
  return new CliError(`The task cannot be run:\n  ${lines.join("\n  ")}`, {
    exit: EXIT.failure,
    advice: "`causeway task create` keeps an unfinished draft.",
  });
}
