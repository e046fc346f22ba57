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
  const tokens = tokensOf(part);
  const dotted = part.startsWith(".") || part.startsWith("\\.");
  return (name) => (dotted || !name.startsWith(".")) && matches(tokens, [...name]);
}

/** One character of a name, or `*`: any number of them. */
type Token = "*" | ((char: string) => boolean);

/**
 * Matches with at most name × pattern steps: after a mismatch only the last star takes one character more. A regular
 * expression would try every split among many stars, for hours on a pattern made for that.
 */
function matches(tokens: readonly Token[], chars: readonly string[]): boolean {
  let [token, char] = [0, 0];
  let retry: { token: number; char: number } | undefined;
  while (char < chars.length) {
    const wanted = tokens[token];
    if (wanted === "*") {
      retry = { token: ++token, char };
    } else if (wanted?.(chars[char] as string)) {
      token++;
      char++;
    } else if (retry) {
      retry.char++;
      token = retry.token;
      char = retry.char;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === "*");
}

function tokensOf(part: string): Token[] {
  const chars = [...part];
  const tokens: Token[] = [];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index] as string;
    const end = char === "[" ? endOfBracket(chars, index) : -1;
    if (char === "*") tokens.push("*");
    else if (char === "?") tokens.push(() => true);
    else if (end >= 0) {
      tokens.push(bracket(chars.slice(index + 1, end).join("")));
      index = end;
    } else {
      const literal = char === "\\" && index + 1 < chars.length ? chars[++index] : char;
      tokens.push((each) => each === literal);
    }
  }
  return tokens;
}

/** The index of the `]` that closes the bracket at `start`; one right after `[` or `[!` is an ordinary member. */
function endOfBracket(part: readonly string[], start: number): number {
  let index = start + 1;
  if (part[index] === "!" || part[index] === "^") index++;
  if (part[index] === "]") index++;
  for (; index < part.length; index++) {
    if (part[index] === "[" && part[index + 1] === ":") {
      const close = part.findIndex((char, at) => at > index + 1 && char === ":" && part[at + 1] === "]");
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

function bracket(text: string): (char: string) => boolean {
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
  let set: RegExp;
  try {
    set = new RegExp(`^[${negated ? "^" : ""}${ranged}]$`, "su");
  } catch {
    // A range that runs backwards matches nothing, as in glob(3).
    return () => false;
  }
  return (char) => set.test(char);
}

const quoted = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/-]/u, "\\$&");
