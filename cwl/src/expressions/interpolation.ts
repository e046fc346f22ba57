import type { Value } from "../model.ts";
import type { Part } from "./scanner.ts";

/** Joins literals and values to a string (CWL v1.2 §Parameter references, string interpolation). `values` is parallel to `parts`. */
export function interpolate(parts: readonly Part[], values: readonly Value[]): string {
  return parts.map((part, at) => (typeof part === "string" ? part : showValue(values[at]!))).join("");
}

/** A string as it is; everything else as JSON with sorted keys, and blanks after `:` and `,` as other runners write it. */
export function showValue(value: Value): string {
  return typeof value === "string" ? value : toJson(value);
}

function toJson(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(toJson).join(", ")}]`;
  if (typeof value === "number" || typeof value === "bigint") return decimal(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value as { [key: string]: Value | undefined }).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${toJson(item!)}`).join(", ")}}`;
}

/**
 * A number without an exponent, in full: tools read `0.00000001`, not all read `1e-8` (CWL v1.2 §CommandLineBinding asks
 * for decimal notation; values that end up in strings follow).
 */
export function decimal(value: number | bigint): string {
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign, whole, fraction = "", exponent] = match;
  const digits = whole! + fraction;
  const point = whole!.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0").slice(0, point) + (digits.length > point ? `.${digits.slice(point)}` : "");
}
