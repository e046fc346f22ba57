/** The argument as one word of a POSIX shell line. */
export function shellQuoted(argument: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'"'"'`)}'`;
}

/** The words of a command as a line that a POSIX shell reads as these words again: for people, never to be run by us. */
export const shellLine = (argv: readonly string[]): string => argv.map(shellQuoted).join(" ");
