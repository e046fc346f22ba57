import { type Static, Type } from "typebox";
import { Answer, Nullable, OneOf } from "../forms.ts";
import { Graph, ProcessKind } from "./task-shapes.ts";

/** A type of CWL with every name resolved (CWL v1.2 §Data types): `X?` is a union with `null`, `X[]` an array. */
export type PortType =
  | string
  | PortType[]
  | { type: "array"; items: PortType }
  | { type: "enum"; symbols: string[] }
  | { type: "record"; fields: { name: string; type: PortType; label?: string; doc?: string }[] };

const PortType = Type.Unsafe<PortType>(Type.Unknown({ description: "A type of CWL with every name resolved." }));

export const AppInput = Answer({
  id: Type.String(),
  label: Type.String({ description: "For people; the id where there is none." }),
  doc: Type.String(),
  type: PortType,
  default: Type.Unknown({ description: "Null where there is none." }),
  required: Type.Boolean({ description: "Whether a task cannot run without it." }),
  formats: Type.Array(Type.String(), { description: "Of files: formats or suffixes that it takes; none: any." }),
  secondary_files: Type.Array(Type.String(), { description: "Of files: the patterns of what must lie beside them." }),
});
export type AppInput = Static<typeof AppInput>;

export const AppOutput = Answer({ id: Type.String(), label: Type.String(), doc: Type.String(), type: PortType });
export type AppOutput = Static<typeof AppOutput>;

/** An app as the UI draws it. One whose document cannot be run has its problems, and no ports. */
export const AppView = Answer({
  id: Type.String({ description: "`owner/project/name/revision`." }),
  label: Type.String(),
  doc: Type.String({ description: "Markdown." }),
  runs: ProcessKind,
  inputs: Type.Array(AppInput),
  outputs: Type.Array(AppOutput),
  graph: Graph,
  images: Type.Array(Type.String(), { description: "Every image that one of its tools names." }),
  problems: Type.Array(
    Answer({
      severity: OneOf(["error", "warning"], "How bad it is."),
      file: Type.String(),
      line: Type.Integer(),
      column: Type.Integer(),
      message: Type.String(),
    }),
  ),
  latest_revision: Nullable(Type.Integer()),
});
export type AppView = Static<typeof AppView>;
