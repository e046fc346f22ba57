import { type Output, printable } from "../output/output.ts";

/** Files that are named one by one. */
const NAMED = 20;

/** What became of the metadata of files that were on the platform already. */
export interface KnownMetadata {
  /** What of `wanted` the file at `path` lacks; what it has with other values is noted, and stays. */
  missing(path: string, has: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, string>>): Record<string, string>;
  /** These keys were set. */
  added(path: string, keys: readonly string[]): void;
  /** Says it to the user. */
  tell(output: Output): void;
}

export function knownMetadata(): KnownMetadata {
  const added: string[] = [];
  const kept: string[] = [];
  const line = (path: string, keys: readonly string[]) => `  ${printable(path)}: ${keys.map(printable).join(", ")}`;
  return {
    missing(path, has, wanted) {
      const pairs = Object.entries(wanted);
      const others = pairs.filter(([key, value]) => Object.hasOwn(has, key) && has[key] !== value).map(([key]) => key);
      if (others.length > 0) kept.push(line(path, others));
      return Object.fromEntries(pairs.filter(([key]) => !Object.hasOwn(has, key)));
    },
    added: (path, keys) => void added.push(line(path, keys)),
    tell(output) {
      const note = (title: string, lines: readonly string[]) => {
        if (lines.length === 0) return;
        const more = lines.length > NAMED ? [`  and ${lines.length - NAMED} more`] : [];
        output.note([title, ...lines.slice(0, NAMED), ...more].join("\n"));
      };
      note("Metadata added to files that were there already:", added);
      note("Metadata that is another on the platform stays as it is there (--overwrite sends file and metadata again):", kept);
    },
  };
}
