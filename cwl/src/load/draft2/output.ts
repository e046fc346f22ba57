import { child, isMapping, type Node, text, withValue } from "../node.ts";
import type { Problems } from "../problem.ts";
import { asJavascript, isExpression, upgradeText, variables } from "./expression.ts";
import { upgradeSecondaryFiles, upgradeType } from "./port.ts";
import { bareId, items, list, mapping, vendorFields } from "./shape.ts";

/** Outputs of a draft-2 tool, their metadata rules as part of `outputEval`. */
export function upgradeOutputs(tool: Node, problems: Problems): Node {
  return list(
    tool,
    items(child(tool, "outputs")).map((port) => upgradeOutput(port, problems)),
  );
}

function upgradeOutput(port: Node, problems: Problems): Node {
  const binding = child(port, "outputBinding");
  const type = child(port, "type");
  const glob = child(binding, "glob");
  const secondary = child(binding, "secondaryFiles") ?? child(port, "secondaryFiles");
  return mapping(port, {
    ...vendorFields(port),
    id: bareId(port),
    label: child(port, "label"),
    doc: child(port, "doc") ?? child(port, "description"),
    type: type && upgradeType(type, problems),
    secondaryFiles: secondary && upgradeSecondaryFiles(secondary, problems),
    outputBinding:
      binding &&
      mapping(binding, {
        glob:
          glob &&
          list(
            glob,
            items(glob).flatMap((one) => upgradeGlob(one, problems)),
          ),
        loadContents: child(binding, "loadContents"),
        outputEval: outputEval(binding, problems),
      }),
  });
}

function upgradeGlob(glob: Node, problems: Problems): Node[] {
  if (isExpression(glob) || typeof glob.value !== "string") return [upgradeText(glob, problems, "glob")];
  if (/!\(/.test(glob.value)) {
    problems.error(glob, "glob", "sbg:draft-2: a glob with a negation, `!(…)`, is not supported", { unsupported: true });
    return [];
  }
  return withoutBraces(glob.value).map((pattern) => upgradeText(withValue(glob, pattern), problems, "glob"));
}

/** `*.{bam,bai}` → `*.bam`, `*.bai`. */
function withoutBraces(pattern: string): string[] {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  if (!found) return [pattern];
  const [, before, choices, after] = found;
  return choices!.split(",").flatMap((choice) => withoutBraces(`${before}${choice}${after}`));
}

/** What draft-2 says by `sbg:inheritMetadataFrom` and `sbg:metadata`: explicit keys win over inherited ones. */
function outputEval(binding: Node, problems: Problems): Node | undefined {
  const written = child(binding, "outputEval");
  const explicit = child(binding, "sbg:metadata");
  // `__inherit__` is how the oldest apps spell `sbg:inheritMetadataFrom`.
  const origin = (text(binding, "sbg:inheritMetadataFrom") ?? text(explicit, "__inherit__"))?.replace(/^#/, "");
  const all = isMapping(explicit) ? [...explicit.value] : [];
  const keys = all.filter(([key, value]) => key !== "__inherit__" && value.value !== null);
  if (!origin && keys.length === 0) return written && upgradeText(written, problems, "outputEval");
  const output = written ? asJavascript(written, problems, "outputEval") : "self";
  const fields = keys.map(([key, value]) => `${JSON.stringify(key)}: ${asJavascript(value, problems, "sbg:metadata")}`);
  const inherited = origin ? `inputs[${JSON.stringify(origin)}]` : "null";
  const code = `return $draft2Metadata(${output}, ${inherited}, {${fields.join(", ")}});`;
  return withValue(binding, `\${${variables(code)} ${code}}`);
}
