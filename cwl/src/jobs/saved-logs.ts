import { readdirSync } from "node:fs";
import { posix } from "node:path";
import type { Job } from "../job.ts";
import type { CommandLineTool, Evaluator } from "../model.ts";
import { createScope, type ExpressionScope } from "./expression-scope.ts";
import { glob } from "./glob.ts";
import { JobError, shown } from "./job-error.ts";
import { OutputTree } from "./output-tree.ts";
import { toolFault } from "./tool-faults.ts";
import { vendorValues } from "./vendor-hints.ts";

/** What `sbg:SaveLogs` names. */
export interface SavedLogs {
  /** Regular files of the output directory: their paths in it, and on this host. */
  files: { name: string; path: string }[];
  /** Why some of what is named cannot be kept, in words. */
  problems: string[];
}

/** Files of an output directory that a regular expression is tried on, at most. */
const MOST_PATHS = 10_000;

/** A pattern of the document's author can be made to take for ever: it runs where JavaScript of documents does. */
const MATCHING = "$(inputs.paths.filter(function (path) { return new RegExp(inputs.pattern).test(path); }))";

/**
 * The files of a job that has ended which its tool wants kept as logs: each value of `sbg:SaveLogs` is a path relative to
 * the job's directory, or a pattern of `glob`, or a regular expression, tried in that order (execution-hints.md §6). What
 * is wrong with one does not fail the job.
 */
export async function savedLogs(tool: CommandLineTool, job: Job, evaluator: Evaluator): Promise<SavedLogs> {
  const patterns = vendorValues(tool, "SaveLogs");
  const tree = new OutputTree(job);
  const scope = createScope(tool, evaluator, job.inputs, job.runtime);
  const found = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, given] of patterns.entries()) {
    const place = `sbg:SaveLogs[${index}]`;
    try {
      for (const path of await matching(given, { tree, scope, evaluator, place })) {
        const located = tree.locate(path, place);
        if (located?.made && located.stats.isFile()) found.set(path.slice(job.outdir.path.length + 1), located.host);
      }
    } catch (error) {
      const fault = toolFault(error, job);
      if (!fault) throw error;
      problems.push(fault.message);
    }
  }
  return { files: [...found].map(([name, path]) => ({ name, path })), problems };
}

interface Place {
  tree: OutputTree;
  scope: ExpressionScope;
  evaluator: Evaluator;
  place: string;
}

/** The tool's paths that one value names. */
async function matching(given: unknown, { tree, scope, evaluator, place }: Place): Promise<string[]> {
  const { outdir } = tree.job;
  const value = typeof given === "string" ? await scope.evaluate(given, null, place) : given;
  const paths: string[] = [];
  for (const pattern of [value].flat()) {
    if (typeof pattern !== "string" || pattern === "" || pattern.includes("\0"))
      throw new JobError("expression", place, `${shown(pattern)} names no file: a path or a pattern is needed`);
    if (tree.locate(`${outdir.path}/${pattern}`, place)) paths.push(pattern);
    else {
      const globbed = glob(tree, pattern);
      paths.push(...(globbed.length > 0 ? globbed : await byExpression(pattern, { tree, evaluator, place })));
    }
  }
  return paths.map((path) => posix.normalize(`${outdir.path}/${path}`));
}

async function byExpression(pattern: string, { tree, evaluator, place }: Omit<Place, "scope">): Promise<string[]> {
  const paths = [...pathsBelow(tree.job.outdir.host, "")];
  try {
    const context = { inputs: { pattern, paths }, self: null, javascript: { expressionLib: [] } };
    return (await evaluator.evaluate(MATCHING, context)) as string[];
  } catch (cause) {
    const why = (cause as Error).message;
    throw new JobError("expression", place, `nothing matches ${shown(pattern)}, nor is it a regular expression: ${why}`, {
      cause,
    });
  }
}

/** The paths of regular files below a directory of this host, links not followed; the first `MOST_PATHS`. */
function* pathsBelow(directory: string, prefix: string, left = { count: MOST_PATHS }): Generator<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* pathsBelow(`${directory}/${entry.name}`, `${prefix}${entry.name}/`, left);
    else if (entry.isFile() && left.count-- > 0) yield prefix + entry.name;
    if (left.count <= 0) return;
  }
}
