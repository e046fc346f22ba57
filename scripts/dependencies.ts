// Part of `npm run check`: docs/dependencies.md has one line for every package that any package.json asks for, and
// no line for one that none asks for. A line is  - `name`: what it is for and why this one.
import { globSync, readFileSync } from "node:fs";

const DOCUMENT = "docs/dependencies.md";

const { workspaces } = readJson("package.json");
const asked = new Set<string>();
for (const file of ["package.json", ...globSync(workspaces.map((folder: string) => `${folder}/package.json`))]) {
  const { dependencies, devDependencies, optionalDependencies } = readJson(file);
  for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    if (!name.startsWith("@causeway/")) asked.add(name);
  }
}

const explained = new Set<string>();
for (const [, name, reason] of readFileSync(DOCUMENT, "utf8").matchAll(/^- `([^`]+)`:(.*)$/gm)) {
  if (reason!.trim().length < 20) complain(`${name}: the line does not say what it is for and why this one`);
  if (explained.has(name!)) complain(`${name} has two lines`);
  explained.add(name!);
}
for (const name of asked) if (!explained.has(name)) complain(`${name} is in a package.json but has no line`);
for (const name of explained) if (!asked.has(name)) complain(`${name} has a line but is in no package.json`);

function complain(problem: string): void {
  console.error(`${DOCUMENT}: ${problem}`);
  process.exitCode = 1;
}

// biome-ignore lint/suspicious/noExplicitAny: a package.json is whatever is in it; only keys are read
function readJson(path: string): any {
  return JSON.parse(readFileSync(path, "utf8"));
}
