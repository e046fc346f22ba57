import { printable } from "../output/output.ts";

/** An input or output of an app's document, in whichever of CWL's forms it is written. */
export interface Port {
  readonly id: string;
  readonly type: unknown;
  readonly label: string | undefined;
  readonly isOptional: boolean;
}

/** The ports of a list `[{id, type}]` or a map `{id: type | {type}}`. */
export function portsOf(ports: unknown): Port[] {
  if (typeof ports !== "object" || ports === null) return [];
  const entries = Array.isArray(ports)
    ? ports.map((port): [string, unknown] => [String(port?.id ?? ""), port])
    : Object.entries(ports);
  return entries.map(([id, port]) => {
    const isObject = typeof port === "object" && port !== null && !Array.isArray(port);
    const {
      type = port,
      label,
      default: fallback,
    } = (isObject ? port : {}) as { type?: unknown; label?: unknown; default?: unknown };
    return {
      id: id.replace(/^.*[#/]/, ""),
      type,
      label: typeof label === "string" ? label : undefined,
      isOptional: fallback !== undefined || namesOf(type).includes("null"),
    };
  });
}

/** Every type's name that occurs in a port's type: `["null", "File"]`, `File[]?`, `{type: array, items: File}`. */
export function namesOf(type: unknown): string[] {
  if (Array.isArray(type)) return type.flatMap(namesOf);
  if (typeof type === "string") {
    const plain = type.replace(/(\[\]|\?)+$/g, "");
    return [plain, ...(type.endsWith("?") ? ["null"] : []), ...(type.includes("[]") ? ["array"] : [])];
  }
  if (typeof type !== "object" || type === null) return [];
  const { type: inner, items } = type as { type?: unknown; items?: unknown };
  return [...namesOf(inner), ...namesOf(items)];
}

/** A line a port, for people. */
export function describePorts(ports: unknown): string {
  const lines = portsOf(ports).map(({ id, type, label, isOptional }) => {
    const shown = typeof type === "string" ? type : JSON.stringify(type);
    return `  ${printable(id)}  ${printable(shown)}${isOptional ? " (optional)" : ""}${label === undefined ? "" : `  ${printable(label)}`}`;
  });
  return lines.join("\n") || "  none";
}
