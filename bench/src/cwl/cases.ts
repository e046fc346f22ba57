import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Something to run: a document and its job order, the same for every runner. */
export interface Case {
  name: string;
  /** What the reference runner may take, as a share of which ours must stay: 0.25 is a quarter. Absent: only told. */
  budget?: number;
  document: string;
  inputs: object;
  /** Checks the document and runs nothing. */
  validateOnly?: boolean;
  /** Left out for runners that would take too long. */
  isLong?: boolean;
}

/** Writes a case's files and returns their paths. */
export function writeCase(directory: string, { name, document, inputs }: Case): { document: string; inputs: string } {
  const base = join(directory, name.replaceAll(/\W+/g, "-"));
  mkdirSync(base, { recursive: true });
  const paths = { document: join(base, "document.cwl"), inputs: join(base, "inputs.json") };
  writeFileSync(paths.document, document);
  writeFileSync(paths.inputs, JSON.stringify(inputs));
  return paths;
}

const ECHO = `
      class: CommandLineTool
      baseCommand: echo
      inputs: {text: {type: string, inputBinding: {}}}
      outputs: {out: {type: File, outputBinding: {glob: out-$(inputs.text).txt}}}
      stdout: out-$(inputs.text).txt`;

const texts = (count: number) => Array.from({ length: count }, (_, at) => `t${at}`);

/** One step, scattered over `text`; `valueFrom` may change each item on its way. */
const scatter = (valueFrom = "") => `cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}, StepInputExpressionRequirement: {}, InlineJavascriptRequirement: {}}
inputs: {texts: "string[]"}
outputs: {out: {type: "File[]", outputSource: echo/out}}
steps:
  echo:
    run: ${ECHO}
    scatter: text
    in: {text: {source: texts${valueFrom && `, valueFrom: '${valueFrom}'`}}}
    out: [out]
`;

const NESTED = `cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}, SubworkflowFeatureRequirement: {}}
inputs: {rows: {type: {type: array, items: {type: array, items: string}}}}
outputs: {out: {type: Any, outputSource: row/out}}
steps:
  row:
    scatter: texts
    in: {texts: rows}
    out: [out]
    run:
      ${scatter().replace("cwlVersion: v1.2\n", "").replaceAll("\n", "\n      ").trimEnd()}
`;

/** Each step reads what the one before it wrote. */
function chain(length: number): string {
  const step = (at: number) => `
  s${at}:
    run:
      class: CommandLineTool
      baseCommand: cat
      inputs: {file: {type: File, inputBinding: {}}}
      outputs: {out: {type: File, outputBinding: {glob: out.txt}}}
      stdout: out.txt
    in: {file: ${at === 0 ? "file" : `s${at - 1}/out`}}
    out: [out]`;
  const steps = Array.from({ length }, (_, at) => step(at)).join("");
  return `cwlVersion: v1.2\nclass: Workflow\ninputs: {file: File}\noutputs: {out: {type: File, outputSource: s${length - 1}/out}}\nsteps:${steps}\n`;
}

/** Only the expressions: every item is an ExpressionTool, which starts no process. */
const EXPRESSIONS = `cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}, InlineJavascriptRequirement: {}}
inputs: {texts: "string[]"}
outputs: {out: {type: "string[]", outputSource: shout/out}}
steps:
  shout:
    run:
      class: ExpressionTool
      inputs: {text: string}
      outputs: {out: string}
      expression: '\${ return {out: inputs.text.toUpperCase() + "!"}; }'
    scatter: text
    in: {text: texts}
    out: [out]
`;

const echoTool = `cwlVersion: v1.2${ECHO.replaceAll("\n      ", "\n")}\n`;
const literal = { class: "File", basename: "in.txt", contents: "a line\n" };
const SHOUT = "${ return self.toUpperCase(); }";

/** A scatter of `count` echoes. */
export const echoes = (count: number): Case => ({
  name: `scatter of ${count.toLocaleString("en")} echoes`,
  document: scatter(),
  inputs: { texts: texts(count) },
});

export const CASES: Case[] = [
  { name: "one echo, cold start", budget: 1 / 4, document: echoTool, inputs: { text: "hello" } },
  echoes(100),
  { ...echoes(1000), budget: 1 / 4, isLong: true },
  { name: "1,000 echoes, a JavaScript valueFrom each", document: scatter(SHOUT), inputs: { texts: texts(1000) }, isLong: true },
  { name: "1,000 JavaScript expressions", budget: 1 / 20, document: EXPRESSIONS, inputs: { texts: texts(1000) }, isLong: true },
  { name: "chain of 200 steps", document: chain(200), inputs: { file: literal }, isLong: true },
  {
    name: "nested scatter 30 x 30",
    document: NESTED,
    inputs: { rows: Array.from({ length: 30 }, (_, row) => texts(30).map((text) => `${text}-${row}`)) },
    isLong: true,
  },
  { name: "validation of a workflow of 500 steps", document: chain(500), inputs: {}, validateOnly: true },
];
