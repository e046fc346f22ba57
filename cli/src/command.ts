import type { Command } from "commander";
import type { Session } from "./connection/session.ts";

/** Commander hands an action the arguments, the options, the command: this is what of it ours get. */
// biome-ignore lint/suspicious/noExplicitAny: commander's own type; each handler says what it takes.
type Handler = (...given: any[]) => Promise<void>;

/**
 * An action on a platform: called with the session, the arguments and the options (the global ones among them). What
 * talks to platforms is loaded here, not for the help.
 */
// biome-ignore lint/suspicious/noExplicitAny: see Handler.
export function withSession(handle: (session: Session, ...given: any[]) => Promise<void>): Handler {
  return async (...given) => {
    const command = given.pop() as Command;
    given.pop();
    const options = command.optsWithGlobals();
    const { openSession } = await import("./connection/session.ts");
    await handle(openSession(options), ...given, options);
  };
}

/** Help text with examples: one line each, what it does after two blanks. */
export const examples = (...lines: string[]): string => `\nExamples:\n${lines.map((line) => `  $ causeway ${line}`).join("\n")}`;

/** Collects an option that may be given several times. */
export const repeatable = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];
