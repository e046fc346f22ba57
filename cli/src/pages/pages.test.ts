import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Command } from "commander";
import { createProgram } from "../program.ts";
import { createHome } from "../testing/command.ts";
import { blocksOf, commandsOf, type PageCommand, pageNames, pageText, REPOSITORY } from "./page.ts";
import { Shell } from "./shell.ts";

const MAIN = join(REPOSITORY, "cli/src/main.ts");

test("every command and option that a page names exists", () => {
  const program = createProgram();
  const wrong = pageNames().flatMap((page) => namedCommands(page).flatMap((command) => unknownIn(program, command, page)));
  assert.deepEqual(wrong, []);
});

test("every setting that a page names exists", () => {
  const known = execFileSync(process.execPath, [MAIN, "settings"], { encoding: "utf8" });
  for (const page of pageNames())
    for (const [name] of pageText(page).matchAll(/\bCAUSEWAY_[A-Z0-9_]+[A-Z0-9]\b/g))
      assert.ok(known.includes(name) || OF_TESTS.has(name), `${page} names ${name}, which is no setting`);
});

/** Read by programs for developers, not by the platform. */
const OF_TESTS = new Set(["CAUSEWAY_CLIENTS_PLATFORM", "CAUSEWAY_PICTURES"]);

test("the commands of the pages run, in the order of the pages, as a reader types them", async () => {
  const home = await createHome();
  const port = await freePort();
  const shell = openShell(home.directory, port);
  await shell.run('npx() { "$@"; }'); // npx itself takes seconds to find a command that is in the PATH here
  const standsFor = new Map([
    ["127.0.0.1:8080", `127.0.0.1:${port}`],
    ["/srv/causeway", ".causeway"],
    ["/srv/restored", "restored"],
    ["/backup/", "backups/"],
    ["https://causeway.example.org", `http://127.0.0.1:${port}`],
    // Of a task and a file that were made before the page.
    [" ID", ' "$ID"'],
    ["6b0c66deb03ffb663b6cc64c", "$FILE"],
  ]);
  const unused = new Set(NOT_RUN.keys());
  try {
    for (const page of [...PAGES_IN_ORDER, ...pageNames().filter((name) => !PAGES_IN_ORDER.includes(name))]) {
      for (const command of BEFORE.get(page) ?? []) assert.equal((await shell.run(command)).code, 0, command);
      for (const block of blocksOf(page).filter(({ language }) => language === "sh" || language === "console"))
        for (const typed of commandsOf(block)) {
          const kept = [...NOT_RUN.keys()].find((start) => typed.command.startsWith(start));
          if (kept !== undefined) unused.delete(kept);
          else await runAsTyped(shell, typed, standsFor);
        }
    }
  } finally {
    await shell.close();
    await home.remove();
  }
  assert.deepEqual([...unused], [], "these are on no page any more");
});

/** The README's tour makes what the other pages work with. */
const PAGES_IN_ORDER = ["README.md", "docs/using.md", "docs/operating.md", "docs/testing-scripts.md"];

/** A reader's own app, which the pages install. */
const ALIGN = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: ["wc", "-c"],
  inputs: { reads: { type: "File", inputBinding: { position: 1 } }, threads: "int?" },
  outputs: { aligned: { type: "stdout" } },
};

/** What has happened before a page's commands are typed, by whoever the page before made. */
const BEFORE = new Map([
  [
    "docs/using.md",
    [
      "env -u SB_API_ENDPOINT -u SB_AUTH_TOKEN causeway user create ben",
      "mkdir run7 && for name in run7/s1.fastq.gz run7/s2.fastq.gz s1.bam a.fastq.gz b.fastq.gz; do echo bytes of $name >$name; done",
      "causeway upload a.fastq.gz b.fastq.gz --project ana/reef",
      `echo '${JSON.stringify(ALIGN)}' >align.cwl`,
      `echo '${JSON.stringify({ reads: platformFile("a"), threads: 4 })}' >align.yml`,
      `echo '${JSON.stringify({ reads: [platformFile("a"), platformFile("b")] })}' >all.yml`,
      "causeway app install align.cwl --project ana/reef",
      'ID=$(causeway task run ana/reef/align --inputs align.yml --wait --json | sed -n \'s/^  "id": "\\(.*\\)",/\\1/p\')',
      'FILE=$(causeway file show ana/reef/a.fastq.gz --json | sed -n \'s/^  "id": "\\(.*\\)",/\\1/p\')',
      'test -n "$ID" && test -n "$FILE"',
    ],
  ],
  [
    "docs/operating.md",
    [
      "mkdir backups",
      "causeway project create Old",
      "causeway project delete ana/old",
      "causeway file rm ana/reef/SRR11728641.fastq.gz",
      "unset SB_API_ENDPOINT SB_AUTH_TOKEN",
    ],
  ],
]);

function platformFile(name: string) {
  return { class: "File", path: `ana/reef/${name}.fastq.gz` };
}

/** How commands begin that are not run here, and why. */
const NOT_RUN = new Map([
  ["git clone", "the repository is here"],
  ["npm test", "this is one of its tests"],
  ["npm run quickstart", "quickstart.test.ts runs it"],
  ["npm run check", "a stage of CI runs it"],
  ["npm run clients", "a stage of CI runs it"],
  ["causeway volume", "the lab's services are not here; cli/src/volumes types such commands on servers of its own"],
  ["causeway import", "as above"],
  ["causeway export", "as above"],
  ["CAUSEWAY_VOLUME_ROOTS=", "as above"],
  ["gcloud ", "Google's own command"],
  ["az ", "Azure's own command"],
  ["causeway serve --data-dir /srv/restored", "backup.test.ts starts a restored platform"],
]);

function openShell(home: string, port: number): Shell {
  // A checkout of the reader's own: what the commands make does not come into ours.
  const checkout = join(home, "causeway");
  mkdirSync(checkout);
  for (const name of readdirSync(REPOSITORY))
    if (!name.startsWith(".")) symlinkSync(join(REPOSITORY, name), join(checkout, name));
  return new Shell(checkout, {
    PATH: `${join(REPOSITORY, "node_modules/.bin")}:${process.env.PATH}`,
    HOME: home,
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
    CAUSEWAY_PORT: String(port),
    CAUSEWAY_LOG: "error",
  });
}

/** Runs a command; later commands that name a value which the page shows for it get the value that really came. */
async function runAsTyped(
  shell: Shell,
  { page, line, command, shown }: PageCommand,
  standsFor: Map<string, string>,
): Promise<void> {
  const withoutRemark = command.replace(/ +# .*$/, "");
  const real = [...standsFor].reduce((text, [written, came]) => text.replaceAll(written, came), withoutRemark);
  const { code, output } = await shell.run(asRun(real, standsFor.get("127.0.0.1:8080")!));
  assert.equal(code, 0, `${page}:${line}: ${command}\n${output}`);
  const came = valuesIn(output.split("\n"));
  for (const [label, value] of valuesIn(shown)) {
    const now = came.get(label);
    assert.ok(now !== undefined, `${page}:${line} shows "${label}:", which does not come:\n${output}`);
    if (value.length >= 32) standsFor.set(value, now);
  }
}

/**
 * A platform that a reader starts in a terminal of its own runs in the background, and is waited for. Its output goes to a
 * file: it would make the shell's own output non-blocking.
 */
function asRun(command: string, address: string): string {
  if (!/causeway (serve|dev)( |$)/.test(command)) return command;
  const started = `${command.replace(/ &$/, "")} >platform.log 2>&1 &`;
  return /causeway serve/.test(command) ? `${started}\n${untilReady(address)}` : started;
}

const untilReady = (address: string) =>
  `for i in $(seq 300); do curl -sf http://${address}/readyz >/dev/null && break; sleep 0.1; done`;

/** The values of lines like `token:    7028a771…`. */
const valuesIn = (lines: readonly string[]): Map<string, string> =>
  new Map(lines.flatMap((line) => [...line.matchAll(/^(\w+): +(.+)$/g)].map(([, label, value]) => [label!, value!])));

/** Every `causeway …` of a page: in blocks, and between backquotes. */
function namedCommands(page: string): string[] {
  const inBlocks = blocksOf(page)
    .filter(({ language }) => language === "sh" || language === "console")
    .flatMap(commandsOf)
    .map(({ command }) => command);
  const inText = [...pageText(page).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text!);
  return [...inBlocks, ...inText].filter((text) => /^(\w+=\S+ )*(npx )?causeway /.test(text));
}

/** The words of a command that the command line does not know, each with where they stand. */
function unknownIn(program: Command, text: string, page: string): string[] {
  const words = text
    .replace(/\s(&|#|\||>).*$/s, "")
    .replace(/^.*?causeway\s+/s, "")
    .split(/[\s\\]+/)
    .filter((word) => word !== "");
  let command = program;
  while (words[0] !== undefined && command.commands.length > 0) {
    const next = command.commands.find((child) => child.name() === words[0] || child.aliases().includes(words[0]!));
    if (next === undefined) return /^[a-z]/.test(words[0]) ? [`${page}: ${text}`] : [];
    words.shift();
    command = next;
  }
  if (command.name() === "cwl") return []; // the engine has a command line of its own
  const options = ["--help", ...[...command.options, ...program.options].flatMap(({ long, short }) => [long, short])];
  return words
    .filter((word) => /^--?[a-z]/.test(word) && !options.includes(word.replace(/=.*/s, "")))
    .map((word) => `${page}: ${text}: ${word}`);
}

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
