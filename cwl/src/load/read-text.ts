import { Budget, type LoadLimits, overLimit } from "./limits.ts";
import { plain } from "./node.ts";
import { parse } from "./syntax.ts";

/**
 * What a text in JSON or YAML says, as plain data, with everything that the loader tolerates; `name` is for messages.
 *
 * @throws DocumentError with every syntax error, or with the limit that it exceeds
 */
export async function readText(text: string, name: string, limits: LoadLimits): Promise<unknown> {
  const budget = new Budget(limits);
  budget.read(text, name);
  try {
    const { root } = await parse({ uri: name, name, text });
    budget.measure(root);
    return plain(root);
  } catch (error) {
    if (error instanceof RangeError) throw overLimit("depth", limits.depth, name, "it is nested too deeply");
    throw error;
  }
}
