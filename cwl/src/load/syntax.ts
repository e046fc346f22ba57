import { parseJson } from "./json.ts";
import type { SourceText } from "./node.ts";
import type { Parsed } from "./parsed.ts";

/**
 * Reads a document in JSON or YAML 1.2. The YAML parser is only loaded when it is needed: that costs 20 ms.
 *
 * @throws DocumentError with every syntax error
 */
export async function parse(given: SourceText & { text: string }): Promise<Parsed> {
  // A carriage return alone ends a line, too (YAML 1.2 §5.4), as old editors write it.
  const source = given.text.includes("\r") ? { ...given, text: given.text.replace(/\r(?!\n)/g, "\n") } : given;
  const json = /^\s*[{[]/.test(source.text) ? parseJson(source) : undefined;
  return json ? { root: json, warnings: [] } : (await import("./yaml.ts")).parseYaml(source);
}
