import { join, posix } from "node:path";
import type { Expression } from "../model.ts";
import type { ExpressionScope } from "./expression-scope.ts";
import { glob } from "./glob.ts";
import { JobError, shown } from "./job-error.ts";
import { refuseForeignNames } from "./normal-entry.ts";
import type { OutputTree } from "./output-tree.ts";

/**
 * The tool's paths that match the patterns of an output, pattern by pattern in the order of their bytes, each once
 * (CWL v1.2 §CommandOutputBinding.glob). Patterns stay in the output directory; an absolute one must name it.
 */
export async function globbed(
  patterns: readonly Expression[],
  { scope, tree, place }: { scope: ExpressionScope; tree: OutputTree; place: string },
): Promise<string[]> {
  const found = new Set<string>();
  for (const text of patterns) {
    const value = await scope.evaluate(text, null, `${place}.glob`);
    if (value === null) continue;
    for (const pattern of Array.isArray(value) ? value : [value]) {
      if (typeof pattern !== "string") {
        throw new JobError(
          "expression",
          `${place}.glob`,
          `${shown(text)} gave ${shown(value)}: a pattern or a list of patterns is needed`,
        );
      }
      const relative = insideOutdir(pattern, tree.job.outdir.path, place);
      if (relative === undefined) continue;
      for (const path of relative === "." ? [""] : glob(tree, relative)) {
        // What stands for bytes that are no UTF-8 is found again under that name only when it really is its name.
        if (path.includes("\ufffd") && !tree.exists(path)) {
          const above = path.slice(0, path.indexOf("\ufffd"));
          refuseForeignNames(join(tree.job.outdir.host, above.slice(0, above.lastIndexOf("/") + 1)), place);
        }
        found.add(path === "" ? tree.job.outdir.path : `${tree.job.outdir.path}/${path}`);
      }
    }
  }
  return [...found];
}

function insideOutdir(pattern: string, outdir: string, place: string): string | undefined {
  if (pattern === "") return undefined;
  let relative = pattern;
  if (pattern.startsWith("/")) {
    if (pattern !== outdir && !pattern.startsWith(`${outdir}/`)) {
      throw new JobError(
        "output",
        `${place}.glob`,
        `the pattern ${shown(pattern)} is outside the output directory (CWL v1.2 §CommandOutputBinding.glob)`,
      );
    }
    relative = pattern.slice(outdir.length + 1);
  }
  const normal = relative.includes("..") || relative === "" ? posix.normalize(relative) : relative;
  if (normal === ".." || normal.startsWith("../")) {
    throw new JobError("output", `${place}.glob`, `the pattern ${shown(pattern)} leads out of the output directory`);
  }
  return normal === "./" ? "." : normal;
}
