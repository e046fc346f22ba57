import { parseJson } from "./json.ts";
import type { Node, Source } from "./node.ts";

/**
 * Reads a document in JSON or YAML 1.2. The YAML parser is only loaded when it is needed: that costs 20 ms.
 *
 * @throws DocumentError with every syntax error
 */
export async function parse(source: Source & { text: string }): Promise<Node> {
  const json = /^\s*[{[]/.test(source.text) ? parseJson(source) : undefined;
  return json ?? (await import("./yaml.ts")).parseYaml(source);
}
