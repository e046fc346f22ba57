import { stripVTControlCharacters } from "node:util";
import { textOfJson } from "@causeway/contract/client";
import stringWidth from "string-width";

/** Where a command says its result. One JSON document with `--json`, else text for people; both on stdout. */
export interface Output {
  readonly json: boolean;
  /** The command's result. Called once a command. */
  show(result: unknown, text: () => string): void;
  /** A word on the way, for people only: on stderr. */
  note(text: string): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    show(result, text) {
      const shown = json ? textOfJson(result, 2) : text();
      if (shown !== "") process.stdout.write(`${shown}\n`);
    },
    note(text) {
      if (!json) process.stderr.write(`${text}\n`);
    },
  };
}

/** Lines with aligned columns under a header; a sentence instead when there are none. */
export function table(header: readonly string[], rows: readonly (readonly unknown[])[], none: string): string {
  if (rows.length === 0) return none;
  const cells = [header, ...rows].map((row) => row.map((cell) => printable(String(cell ?? ""))));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => stringWidth(row[column]!))));
  return cells
    .map((row) =>
      row
        .map((cell, column) => padded(cell, widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `key: value` lines with the values aligned; what is undefined, null or an empty text is left out. */
export function record(entries: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(entries).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const width = Math.max(0, ...shown.map(([key]) => stringWidth(key))) + 1;
  return shown.map(([key, value]) => `${padded(`${key}:`, width + 1)}${printableText(textOf(value), width + 1)}`).join("\n");
}

/** Names in Chinese or with symbols take two columns a character on a terminal. */
const padded = (text: string, width: number): string => text + " ".repeat(width - stringWidth(text));

const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  return typeof value === "object" ? textOfJson(value) : String(value);
};

/** A name without what could steer the terminal or begin a line of its own: names on the platform are other people's. */
export function printable(name: string): string {
  return printableText(name).replace(/[\n\t]/g, "�");
}

/** A message of several lines as a single one, for a line of progress. */
export const onOneLine = (message: string): string => printable(message.trim().replace(/\s*\n\s*/g, " "));

/** A text without what could steer the terminal; its line breaks and tabs stay, further lines begin with `indent` blanks. */
export function printableText(text: string, indent = 0): string {
  return (
    stripVTControlCharacters(text)
      .replaceAll("\r\n", "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to go.
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "�")
      .replaceAll("\n", `\n${" ".repeat(indent)}`)
  );
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A size for people: `532 KiB`. */
export function size(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** A length of time for people: `1 h 5 min`, `3.2 s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
