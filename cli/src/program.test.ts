import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { createProgram } from "./program.ts";

/** Every command that does something, by its whole name. */
function leaves(command: Command, path: string[] = []): [string, Command][] {
  const names = [...path, command.name()];
  if (command.commands.length === 0) return [[names.join(" "), command]];
  return command.commands.flatMap((child) => leaves(child, names));
}

test("every command's help says what it does, with examples that start with its own name", () => {
  for (const [name, command] of leaves(createProgram())) {
    // The engine reads its own command line, and its help.
    if (name === "causeway cwl") continue;
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) });
    command.outputHelp();
    assert.notEqual(command.description(), "", name);
    assert.match(help, new RegExp(`Examples:\n {2}\\$ ${name} ?`), name);
    assert.match(help, /--json .*\n/, name);
  }
});

test("the launcher works from anywhere", () => {
  const launcher = fileURLToPath(new URL("../bin/causeway", import.meta.url));
  const help = execFileSync(launcher, ["--help"], { cwd: "/", encoding: "utf8" });
  assert.match(help, /^Usage: causeway .*\n[\s\S]*Exit codes:\n {2}0 done/);
  assert.match(execFileSync(launcher, ["--version"], { cwd: "/", encoding: "utf8" }), /^\d+\.\d+\.\d+\n$/);
  assert.match(execFileSync(launcher, ["cwl", "--help"], { cwd: "/", encoding: "utf8" }), /causeway cwl run workflow\.cwl/);
});
