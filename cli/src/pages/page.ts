import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root: pages name files from here. */
export const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Of its first line inside the fences, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** One command of a block, as a reader types it, with the output that the page shows for it. */
export interface PageCommand {
  readonly page: string;
  readonly line: number;
  /** Without the prompt; continued lines are joined as the shell joins them. */
  readonly command: string;
  readonly shown: readonly string[];
}

/** The pages that people read: every Markdown file of the repository, README.md first. */
export function pageNames(): string[] {
  const pages = globSync("**/*.md", { cwd: REPOSITORY, exclude: (path) => /node_modules|\.causeway|\.git$|\.venv/.test(path) });
  return pages.sort((a, b) => Number(b === "README.md") - Number(a === "README.md") || a.localeCompare(b));
}

export const pageText = (page: string): string => readFileSync(join(REPOSITORY, page), "utf8");

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const lines = pageText(page).split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const language = /^```(\w*)/.exec(lines[at]!)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    blocks.push({ page, line: at + 2, language, text: lines.slice(at + 1, end).join("\n") });
    at = end;
  }
  return blocks;
}

/**
 * The commands of a block of the language `sh` (every line is typed) or `console` (a line after `$ ` is typed, the others
 * are what comes out).
 */
export function commandsOf(block: Block): PageCommand[] {
  const commands: { page: string; line: number; command: string; shown: string[] }[] = [];
  let continued = false;
  block.text.split("\n").forEach((line, index) => {
    const typed = continued || block.language === "sh" || line.startsWith("$ ");
    if (!typed) commands.at(-1)?.shown.push(line);
    else if (continued) commands.at(-1)!.command += `\n${line}`;
    else if (line.trim() !== "" && !line.startsWith("#"))
      commands.push({ page: block.page, line: block.line + index, command: line.replace(/^\$ /, ""), shown: [] });
    if (typed) continued = line.endsWith("\\") || hasOpenQuote(commands.at(-1)?.command ?? "");
  });
  return commands;
}

/** Whether a text in single quotes goes on in the next line. */
const hasOpenQuote = (command: string): boolean => (command.match(/'/g) ?? []).length % 2 === 1;
