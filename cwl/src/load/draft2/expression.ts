import { checkExpression } from "../../expressions/check.ts";
import { child, isMapping, isSequence, type Node, plain, text, withValue } from "../node.ts";
import type { Problems } from "../problem.ts";

/** What draft-2 expressions see, built from what v1.x expressions see. Goes before the document's own library. */
export const DRAFT2_LIBRARY = `
function $draft2Set(object, key, value) {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value: value, enumerable: true, configurable: true, writable: true });
}
function $draft2Value(value) {
  if (Array.isArray(value)) return value.map($draft2Value);
  if (value === null || typeof value !== "object") return value;
  var copy = {};
  for (var key in value) $draft2Set(copy, key, $draft2Value(value[key]));
  if (copy.class === "File") {
    if (copy.name === undefined) copy.name = copy.basename;
    if (!copy.metadata) copy.metadata = {};
  }
  return copy;
}
function $draft2Job(inputs, runtime) {
  return { inputs: $draft2Value(inputs), allocatedResources: { cpu: runtime.cores, mem: runtime.ram } };
}
function $draft2Metadata(output, origin, explicit) {
  var sources = [].concat(origin === undefined || origin === null ? [] : origin).filter(function (file) { return file && file.metadata; });
  var common = {};
  if (sources.length > 0) {
    for (var key in sources[0].metadata) {
      var value = sources[0].metadata[key];
      if (sources.every(function (file) { return file.metadata[key] === value; })) $draft2Set(common, key, value);
    }
  }
  for (var name in explicit) $draft2Set(common, name, explicit[name]);
  [].concat(output === null ? [] : output).forEach(function (file) {
    if (file === null || typeof file !== "object") return;
    file.metadata = file.metadata || {};
    for (var key in common) $draft2Set(file.metadata, key, common[key]);
  });
  return output;
}`;

/** `{"class": "Expression", "script": …}`. */
export function isExpression(node: Node): boolean {
  return text(node, "class") === "Expression";
}

/**
 * A text or Expression object as v1.x writes it. A plain text means itself in draft-2, even where it looks like an
 * expression of v1.x.
 */
export function upgradeText(node: Node, problems: Problems, path: string): Node {
  if (isExpression(node)) return withValue(node, upgradeScript(node, problems, path));
  const looksAlike = typeof node.value === "string" && /\$[({]/.test(node.value);
  return looksAlike ? withValue(node, `\${return ${JSON.stringify(node.value)};}`) : node;
}

function upgradeScript(node: Node, problems: Problems, path: string): string {
  const script = scriptOf(node, problems, path);
  const reference = /^\$job\.inputs\.(\w+)(\.path|\.size)?$/.exec(script);
  if (reference) return `$(inputs.${reference[1]}${reference[2] ?? ""})`;
  if (script === "$job.allocatedResources.cpu") return "$(runtime.cores)";
  if (script === "$job.allocatedResources.mem") return "$(runtime.ram)";
  return `\${${variables(script)} ${body(script)}}`;
}

/** An Expression, or a plain value, as JavaScript that gives it, for use inside a larger expression. */
export function asJavascript(node: Node, problems: Problems, path: string): string {
  if (!isExpression(node)) return JSON.stringify(plain(node));
  return `(function () { ${body(scriptOf(node, problems, path))} })()`;
}

/** Declares the variables that a script mentions. */
export function variables(script: string): string {
  const job = script.includes("$job") ? "var $job = $draft2Job(inputs, runtime);" : "";
  const self = script.includes("$self") ? "var $self = $draft2Value(self);" : "";
  return `${job}${self}`;
}

/** A script that starts with a brace is the body of a function, any other one expression or statements whose last value counts. */
function body(script: string): string {
  if (script.startsWith("{") && script.endsWith("}")) return script.slice(1, -1);
  const expression = script.replace(/;\s*$/, "");
  if (checkExpression(`$(${expression})`, true) !== undefined) return `return eval(${JSON.stringify(script)});`;
  // A final comment must not swallow the bracket.
  return `return (${expression}\n);`;
}

function scriptOf(node: Node, problems: Problems, path: string): string {
  const engine = child(node, "engine");
  const name = typeof engine?.value === "string" ? engine.value.replace(/^.*#/, "") : undefined;
  if (engine && name !== "cwl-js-engine" && name !== "cwl:JavascriptEngine" && name !== "cwl:JsonPointer") {
    problems.error(engine, path, `sbg:draft-2: the expression engine ${JSON.stringify(engine.value)} is not supported`, {
      unsupported: true,
    });
  }
  const script = child(node, "script");
  if (typeof script?.value !== "string") {
    problems.error(node, path, "an Expression needs `script`, a text");
    return "null";
  }
  if (name !== "cwl:JsonPointer") return script.value.trim();
  return `$${script.value
    .split("/")
    .map((part, index) => (index === 0 ? part : `[${JSON.stringify(part)}]`))
    .join("")}`;
}

/** The library texts of ExpressionEngineRequirement. */
export function engineLibrary(requirement: Node): string[] {
  const config = child(requirement, "engineConfig");
  const parts = isSequence(config) ? config.value : config && !isMapping(config) ? [config] : [];
  return parts.flatMap((part) => (typeof part.value === "string" ? part.value : []));
}
