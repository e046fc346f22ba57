import { sortByBytes } from "./normal-entry.ts";

/** What a pattern is matched against. Paths are relative to the root, without `.` and `..`; the root is "". */
export interface GlobTree {
  /** The names in a directory; none when there is no such directory. */
  names(directory: string): string[];
  exists(path: string): boolean;
}

/**
 * The paths that match a POSIX pattern (glob(3): `*`, `?`, `[…]`, `\` quotes; a leading dot is matched only by a dot),
 * in the order of their bytes. `**` means no more than `*`.
 */
export function glob(tree: GlobTree, pattern: string): string[] {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  let found = [""];
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const literal = literalOf(part);
    if (literal !== undefined) {
      found = found.map((directory) => joined(directory, literal));
      if (last) found = found.filter((path) => tree.exists(path));
    } else {
      const matches = matcher(part);
      found = found.flatMap((directory) =>
        tree
          .names(directory)
          .filter(matches)
          .map((name) => joined(directory, name)),
      );
    }
  }
  return found.length > 1 ? sortByBytes(found) : found;
}

const joined = (directory: string, name: string): string => (directory === "" ? name : `${directory}/${name}`);

/** The name a component stands for when it matches only itself. */
function literalOf(part: string): string | undefined {
  if (!/[*?[\\]/.test(part)) return part;
  if (/(?<!\\)(\\\\)*[*?[]/.test(part)) return undefined;
  return part.replace(/\\(.)/gs, "$1");
}

function matcher(part: string): (name: string) => boolean {
  const expression = regularExpression(part);
  const dotted = part.startsWith(".") || part.startsWith("\\.");
  return (name) => (dotted || !name.startsWith(".")) && expression.test(name);
}

/** One component as a regular expression. Runs of `*` are one: more would only make matching slow. */
function regularExpression(part: string): RegExp {
  let source = "";
  for (let index = 0; index < part.length; index++) {
    const char = part[index] as string;
    if (char === "*") {
      while (part[index + 1] === "*") index++;
      source += ".*";
    } else if (char === "?") source += ".";
    else if (char === "[") {
      const end = endOfBracket(part, index);
      if (end < 0) source += "\\[";
      else {
        source += bracket(part.slice(index + 1, end));
        index = end;
      }
    } else if (char === "\\" && index + 1 < part.length) source += quoted(part[++index] as string);
    else source += quoted(char);
  }
  return new RegExp(`^${source}$`, "su");
}

/** The index of the `]` that closes the bracket at `start`; one right after `[` or `[!` is an ordinary member. */
function endOfBracket(part: string, start: number): number {
  let index = start + 1;
  if (part[index] === "!" || part[index] === "^") index++;
  if (part[index] === "]") index++;
  for (; index < part.length; index++) {
    if (part.startsWith("[:", index)) {
      const close = part.indexOf(":]", index + 2);
      if (close > 0) index = close + 1;
    } else if (part[index] === "]") return index;
  }
  return -1;
}

const CLASSES: { [name: string]: string } = {
  alpha: "a-zA-Z",
  digit: "0-9",
  alnum: "a-zA-Z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  punct: "!-\\/:-@\\[-`\\{-~",
  xdigit: "0-9A-Fa-f",
};

function bracket(text: string): string {
  const negated = text.startsWith("!") || text.startsWith("^");
  const members = (negated ? text.slice(1) : text).replace(
    /\[:(\w+):\]|\\?(.)/gsu,
    (whole, name: string | undefined, char: string) => {
      if (name !== undefined) return CLASSES[name] ?? "";
      return whole === "-" ? "-" : quoted(char);
    },
  );
  // A `-` first or last is itself; between two members it is a range.
  const ranged = members.replace(/^-|-$/g, "\\-");
  try {
    const set = `[${negated ? "^" : ""}${ranged}]`;
    new RegExp(set, "u");
    return set;
  } catch {
    // A range that runs backwards matches nothing, as in glob(3).
    return "[]";
  }
}

const quoted = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/-]/u, "\\$&");
