import { child, isMapping, isSequence, type Node, text } from "../node.ts";
import type { Problems } from "../problem.ts";
import { DRAFT2_LIBRARY, engineLibrary, upgradeText } from "./expression.ts";
import { filled, items, list, mapping } from "./shape.ts";

/** Requirements that mean the same in v1.x. */
const SAME = [
  "DockerRequirement",
  "EnvVarRequirement",
  "SchemaDefRequirement",
  "ScatterFeatureRequirement",
  "SubworkflowFeatureRequirement",
];
const CPU = ["sbg:CPURequirement", "CPURequirement"];
const MEMORY = ["sbg:MemRequirement", "MemRequirement", "MemoryRequirement"];

/** The lists `requirements` and `hints` of a process, upgraded; `staged`: entries of the working directory beside files made. */
export function upgradeRequirements(
  process: Node,
  problems: Problems,
  staged: readonly Node[],
): { requirements: Node; hints: Node } {
  const all = [...items(child(process, "requirements")), ...items(child(process, "hints"))];
  const withClass = (...names: string[]) => all.filter((requirement) => names.includes(text(requirement, "class") ?? ""));
  const made = withClass("CreateFileRequirement").flatMap((requirement) => filesMade(requirement, problems));
  const library = withClass("ExpressionEngineRequirement").flatMap(engineLibrary);
  const javascript = mapping(process, {
    class: "InlineJavascriptRequirement",
    expressionLib: list(
      process,
      [DRAFT2_LIBRARY, ...library].map((value) => ({ ...process, value })),
    ),
  });
  const listing = [...made, ...staged];
  const directory =
    listing.length === 0 ? [] : [mapping(process, { class: "InitialWorkDirRequirement", listing: list(process, listing) })];
  const resources = resourceRequirement(process, withClass(...CPU)[0], withClass(...MEMORY)[0], problems);
  const kept = (name: "requirements" | "hints") =>
    items(child(process, name)).flatMap((requirement) => keep(requirement, name, problems));
  return {
    requirements: list(process, [javascript, ...directory, ...resources, ...kept("requirements")]),
    hints: list(process, kept("hints")),
  };
}

function keep(requirement: Node, as: "requirements" | "hints", problems: Problems): Node[] {
  const name = text(requirement, "class");
  if (name === undefined || !isMapping(requirement)) return [];
  if (name === "ExpressionEngineRequirement" || name === "CreateFileRequirement") return [];
  if (CPU.includes(name) || MEMORY.includes(name)) return [];
  if (name === "EnvVarRequirement") {
    const definitions = items(child(requirement, "envDef")).map((definition) => {
      const value = child(definition, "envValue");
      const upgraded = value && upgradeText(value, problems, "envDef");
      return mapping(definition, { envName: child(definition, "envName"), envValue: upgraded });
    });
    return [mapping(requirement, { class: name, envDef: list(requirement, definitions) })];
  }
  if (name === "DockerRequirement") {
    const fields = [...requirement.value].filter(([key, value]) => !key.includes(":") && filled(value) && value.value !== null);
    // Stored apps often have the requirement with every field empty.
    return fields.length > 1 ? [{ ...requirement, value: new Map(fields) }] : [];
  }
  if (as === "requirements" && !SAME.includes(name) && !name.startsWith("sbg:")) {
    problems.error(requirement, as, `sbg:draft-2: the requirement \`${name}\` is not supported`, { unsupported: true });
    return [];
  }
  return [requirement];
}

/** The two resource hints become what v1.x asks for by, unless the tool is so new that it has ResourceRequirement. */
function resourceRequirement(process: Node, cpu: Node | undefined, memory: Node | undefined, problems: Problems): Node[] {
  const amount = (hint: Node | undefined) => {
    const value = filled(child(hint, "value"));
    const isNumber = typeof value?.value === "string" && /^\d+(\.\d+)?$/.test(value.value);
    if (value && isNumber) return { ...value, value: Number(value.value) };
    return value && upgradeText(value, problems, "hints");
  };
  const coresMin = amount(cpu);
  const ramMin = amount(memory);
  return coresMin || ramMin ? [mapping(process, { class: "ResourceRequirement", coresMin, ramMin })] : [];
}

function filesMade(requirement: Node, problems: Problems): Node[] {
  const files = child(requirement, "fileDef");
  if (!isSequence(files)) return [];
  return files.value.map((file) => {
    const name = child(file, "filename");
    const content = child(file, "fileContent");
    return mapping(file, {
      entryname: name && upgradeText(name, problems, "fileDef"),
      entry: content ? upgradeText(content, problems, "fileDef") : "",
    });
  });
}
