import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { plainRunner } from "../jobs/tool-bench.ts";
import { formatProblem, load, loadJobOrder } from "../load/index.ts";
import type { FileValue, Outputs, Value } from "../model.ts";
import { type LocalToolsOptions, localTools } from "./local-tools.ts";
import { type RunOptions, runDocument } from "./run-document.ts";

/** A run of documents that were written to a directory of their own. */
export interface DocumentRun {
  /** Files are what is in them. */
  outputs: { [port: string]: unknown };
  raw: Outputs;
  /** What the loader warned of, as `main.cwl:2:3: warning: …`. */
  warnings: string[];
}

/** Runs `main.cwl` of `files` with `job.yml`, if there is one, on this host. What is wrong is thrown as the engine throws it. */
export async function runFiles(
  test: TestContext,
  files: { readonly [path: string]: string },
  { machine, ...options }: Partial<RunOptions> & Pick<LocalToolsOptions, "machine"> = {},
): Promise<DocumentRun> {
  const place = mkdtempSync(join(tmpdir(), "documents-"));
  test.after(() => rmSync(place, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  const warnings: string[] = [];
  const order = files["job.yml"] === undefined ? undefined : await loadJobOrder(join(place, "job.yml"));
  const document = await load(join(place, "main.cwl"), {
    demanded: order?.demanded,
    onWarning: (problem) => warnings.push(formatProblem(problem).replaceAll(`${place}/`, "")),
  });
  const workDirectory = mkdtempSync(join(place, "run-"));
  const runTool = localTools({ runner: plainRunner, workDirectory, machine });
  const raw = await runDocument(document, order?.inputs ?? {}, { runTool, ...options });
  return { outputs: Object.fromEntries(Object.entries(raw).map(([port, value]) => [port, read(value)])), raw, warnings };
}

function read(value: Value): unknown {
  if (Array.isArray(value)) return value.map(read);
  if (typeof value !== "object" || value === null) return value;
  const { class: kind, location, contents } = value as unknown as FileValue;
  if ((kind as string) === "File") return location === undefined ? contents : readFileSync(fileURLToPath(location), "utf8");
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, read(inner)]));
}
