import { isAbsolute, relative, resolve } from "node:path";

interface Shown {
  /** The file of the administrator's token, where this data directory has it. */
  tokenFile: string | undefined;
  isNew: boolean;
  link: string | undefined;
}

/** What `causeway serve` prints when it takes commands: where the platform is, and what to do next. */
export function greeting(url: string, directory: string, { tokenFile, isNew, link }: Shown): string {
  const shown = (path: string) => {
    const below = relative(process.cwd(), path) || ".";
    return below.startsWith("..") || isAbsolute(below) ? path : below;
  };
  // Commands look for the platform in `.causeway` where they are run, unless CAUSEWAY_DATA names its directory.
  const isDefault = directory === resolve(".causeway");
  const token =
    tokenFile !== undefined
      ? `Administrator's token: in ${shown(tokenFile)}${isNew ? " (made just now)" : ""}`
      : "The administrator was made in another data directory: use that token.";
  return `Causeway serves ${url}
Data: ${shown(directory)}
${token}${link === undefined ? "" : `\nIn a browser, signed in as the administrator (works once):\n  ${link}`}

Next, in another terminal${isDefault ? " (in this directory commands find the platform by themselves)" : ""}:${isDefault ? "" : `\n  export CAUSEWAY_DATA=${quotedForShell(directory)}`}
  npx causeway user me
  npx causeway user create ana          a user, and the token for her scripts
  npx causeway user invite ana          a link with which she signs in with a browser
  npx causeway project create "First"
Elsewhere:
  export SB_API_ENDPOINT=${url} SB_AUTH_TOKEN=…

Ctrl-C stops it.
`;
}

const quotedForShell = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
