import type { Inputs, LinkMerge, Outputs, PickValue, PortSource, Value } from "../model.ts";

/** A step input or workflow output, as far as its links are concerned. */
export interface Sink {
  id: string;
  source: readonly PortSource[];
  linkMerge?: LinkMerge;
  pickValue?: PickValue;
}
export interface KnownValues {
  inputs: Inputs;
  outputsOf(step: string): Outputs;
}

/** Values that do not fit the way they are linked; the message is for people. */
export class LinkProblem extends Error {}

/**
 * The value that arrives at a sink: its sources merged (CWL v1.2 §WorkflowStepInput, "merging") and then picked from
 * ("picking non-null values"). Null without a source.
 *
 * @throws LinkProblem
 */
export function follow(sink: Sink, known: KnownValues): Value {
  const values = sink.source.map((source) => valueAt(source, known));
  return pick(sink, merge(sink, values));
}

function valueAt(source: PortSource, known: KnownValues): Value {
  const values = source.step === undefined ? known.inputs : known.outputsOf(source.step);
  return values[source.port] ?? null;
}

/** One source gives its value unless a merge is asked for; several are nested unless said otherwise. */
function merge(sink: Sink, values: Value[]): Value {
  if (values.length === 0) return null;
  const method = sink.linkMerge ?? (values.length > 1 ? "merge_nested" : undefined);
  if (method === undefined) return values[0]!;
  return method === "merge_nested" ? values : values.flat();
}

function pick(sink: Sink, value: Value): Value {
  if (!sink.pickValue || !Array.isArray(value)) return value;
  const nonNull = value.filter((item: Value) => item !== null);
  if (sink.pickValue === "all_non_null") return nonNull;
  if (nonNull.length === 0)
    throw new LinkProblem(`${describe(sink)}: all values are null, and pickValue asks for one that is not`);
  if (sink.pickValue === "the_only_non_null" && nonNull.length > 1) {
    throw new LinkProblem(
      `${describe(sink)}: ${nonNull.length} values are not null, and pickValue: the_only_non_null allows one`,
    );
  }
  return nonNull[0]!;
}

function describe(sink: Sink): string {
  const sources = sink.source.map(({ step, port }) => (step === undefined ? port : `${step}/${port}`));
  return `\`${sink.id}\` (from ${sources.join(", ")})`;
}
