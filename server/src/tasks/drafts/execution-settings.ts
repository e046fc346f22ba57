import { parseInstance } from "../instances/instance-request.ts";
import type { ExecutionSettings, TaskProblem } from "../tables.ts";

/**
 * The settings of a request without what is null, and what is wrong with them as problems of the draft (tasks.md §3.2).
 * `instanceTypes` answers the names that the operator's price list has.
 */
export async function readSettings(
  given: { readonly [key: string]: unknown } | ExecutionSettings | null,
  instanceTypes: () => Promise<ReadonlySet<string>>,
): Promise<{ settings: ExecutionSettings | null; problems: TaskProblem[] }> {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== null && value !== undefined);
  if (entries.length === 0) return { settings: null, problems: [] };
  const settings = Object.fromEntries(entries) as ExecutionSettings;
  const { max_parallel_instances: instances, instance_type: type } = settings;
  const messages: string[] = [];
  if (instances !== undefined && !(Number.isInteger(instances) && instances >= 1))
    messages.push("`max_parallel_instances` must be an integer of at least 1.");
  if (type !== undefined) {
    const known = await instanceTypes();
    messages.push(...[type].flat().flatMap((text) => problemOf(text, known) ?? []));
  }
  return {
    settings,
    problems: messages.map((message) => ({ code: "EXECUTION_SETTINGS", input: "execution_settings", message })),
  };
}

function problemOf(text: string, known: ReadonlySet<string>): string | undefined {
  const parsed = parseInstance(text);
  if (parsed.is === "malformed") return `'${text}' is no instance type: write it as \`type\` or \`type;disk-type;GB\`.`;
  return parsed.is === "auto" || known.has(parsed.name) ? undefined : `'${parsed.name}' is no instance type of this platform.`;
}
