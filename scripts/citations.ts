// Part of `npm run check`: what a comment or a document cites is there. `tasks.md §3.2` is a heading with that number in
// docs/reference/tasks.md, or the second item of a numbered list of its section 3; a link leads to a file, and behind `#`
// to one of its headings.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const CITING = /\.(ts|mjs|sql|sh|py|R|md)$/;
/** Folders in which a document is looked for by its bare name. */
const SHELVES = ["docs/reference", "docs", "."];

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => CITING.test(file) && existsSync(file) && !/(^|\/)(testdata|fixtures|examples)\//.test(file));

const headings = new Map<string, { numbers: Set<string>; anchors: Set<string> }>();

let problems = 0;
for (const file of files) {
  readFileSync(file, "utf8")
    .split("\n")
    .forEach((line, index) => {
      const more = file.endsWith(".md") ? brokenLinks(file, line) : missingDocuments(line);
      for (const problem of [...brokenSections(line), ...more]) {
        console.error(`${file}:${index + 1}: ${problem}`);
        problems += 1;
      }
    });
}
process.exitCode = problems > 0 ? 1 : 0;

/** Of `files.md §3.5, §3.8 to §3.10` each section. */
function* brokenSections(line: string): Generator<string> {
  for (const [, name, sections] of line.matchAll(/(?<![\w/.-])([a-z][\w-]*\.md) (§[\w.]+(?:(?:, | and | to |-)§?[\w.]+)*)/g)) {
    const document = documentOf(name!);
    if (!document) continue;
    const { numbers } = headingsOf(document);
    for (const [, section] of sections!.matchAll(/(?:§|(?:-|, )(?=[\dA-Z]))([A-Z\d]+(?:\.\d+)*)/g)) {
      if (!numbers.has(section!)) yield `${document} has no section ${section}`;
    }
  }
}

/** In comments; a text of the program may name any file. */
function* missingDocuments(line: string): Generator<string> {
  if (!/^\s*(\/\*\*|\*|\/\/|--|#)/.test(line)) return;
  for (const [, name] of line.matchAll(/(?<![\w/.-])([a-z][\w-]*\.md)\b/g)) {
    if (!documentOf(name!)) yield `there is no document ${name}`;
  }
}

function documentOf(name: string): string | undefined {
  return SHELVES.map((shelf) => join(shelf, name)).find(existsSync);
}

function* brokenLinks(file: string, line: string): Generator<string> {
  for (const [, target] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
    const [path = "", anchor] = target!.split("#");
    if (/^[a-z]+:/.test(target!)) continue;
    const document = path === "" ? file : normalize(join(dirname(file), path));
    if (!existsSync(document)) yield `there is no ${document}`;
    else if (anchor !== undefined && document.endsWith(".md") && !headingsOf(document).anchors.has(anchor))
      yield `${document} has no heading #${anchor}`;
  }
}

function headingsOf(document: string) {
  const known = headings.get(document);
  if (known) return known;
  const found = { numbers: new Set<string>(), anchors: new Set<string>() };
  let section: string | undefined;
  for (const line of readFileSync(document, "utf8").split("\n")) {
    const item = line.match(/^(\d+)\. /)?.[1];
    if (item && section) found.numbers.add(`${section}.${item}`);
    const text = line.match(/^#+ (.+)$/)?.[1];
    if (!text) continue;
    section = text.match(/^([A-Z\d]+(?:\.\d+)*)[. ]/)?.[1];
    if (section) found.numbers.add(section);
    // As GitHub makes them.
    const anchor = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-");
    found.anchors.add(anchor);
  }
  headings.set(document, found);
  return found;
}
