import type { CwlType, InputPort } from "@causeway/cwl";
import { stringify } from "yaml";

/** A job order in YAML with an example value, or the default, for every input. */
export function inputTemplate(ports: readonly InputPort[]): string {
  return stringify(Object.fromEntries(ports.map((port) => [port.id, port.default ?? exampleOf(port.type)])));
}

function exampleOf(type: CwlType): unknown {
  if (Array.isArray(type)) return type.includes("null") ? null : exampleOf(type[0] ?? "null");
  if (typeof type === "object") {
    if ("items" in type) return [exampleOf(type.items)];
    if ("symbols" in type) return type.symbols[0];
    return Object.fromEntries(type.fields.map((field) => [field.name, exampleOf(field.type)]));
  }
  switch (type) {
    case "File":
    case "Directory":
      return { class: type, path: "a/path" };
    case "boolean":
      return false;
    case "int":
    case "long":
      return 0;
    case "float":
    case "double":
      return 0.1;
    case "null":
      return null;
    default:
      return "text";
  }
}
