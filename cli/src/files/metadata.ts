import { CliError, EXIT } from "../exit.ts";

/** `key=value` texts as a map; a value may have `=`. @throws CliError */
export function pairs(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new CliError(`${text} is no key=value.`, { exit: EXIT.usage });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** The same as a change of metadata: an empty value removes its key. */
export function changes(given: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(Object.entries(pairs(given)).map(([key, value]) => [key, value === "" ? null : value]));
}
