import type { AbstractOperation, CommandLineTool, Expression, ExpressionTool, InputBinding, OutputPort } from "../model.ts";
import { readInputBinding } from "./binding.ts";
import { type Cursor, quoted, shortName } from "./cursor.ts";
import { readExpression } from "./file-traits.ts";
import { readInputs, readOutputs } from "./port.ts";
import type { ProcessScope } from "./process-scope.ts";

type Body<P extends { class: string }> = Omit<P, "id" | "cwlVersion" | "requirements" | "hints">;

/** CWL v1.2 §CommandLineTool. */
export function readCommandLineTool(cursor: Cursor, scope: ProcessScope): Body<CommandLineTool> {
  const tool: Body<CommandLineTool> = {
    class: "CommandLineTool",
    inputs: readInputs(cursor, scope),
    outputs: readOutputs(cursor, scope, {}, (port) => port),
    baseCommand: cursor.get("baseCommand")?.strings() ?? [],
    arguments:
      cursor
        .get("arguments")
        ?.itemsOrOne()
        .flatMap((item) => readArgument(item, scope) ?? []) ?? [],
    successCodes: codes(cursor, "successCodes"),
    temporaryFailCodes: codes(cursor, "temporaryFailCodes"),
    permanentFailCodes: codes(cursor, "permanentFailCodes"),
  };
  for (const stream of ["stdin", "stdout", "stderr"] as const) {
    const at = cursor.get(stream);
    const name = at && readExpression(at, scope);
    if (name !== undefined) tool[stream] = name;
  }
  takeStdin(tool, cursor);
  for (const stream of ["stdout", "stderr"] as const) captureStream(tool, cursor, scope, stream);
  return tool;
}

function readArgument(cursor: Cursor, scope: ProcessScope): Expression | (InputBinding & { valueFrom: Expression }) | undefined {
  if (!cursor.isMapping) return readExpression(cursor, scope);
  const binding = readInputBinding(cursor, scope);
  if (binding === undefined) return undefined;
  if (binding.valueFrom === undefined) {
    cursor.warning("an argument without `valueFrom` adds nothing to the command");
    return undefined;
  }
  return binding as InputBinding & { valueFrom: Expression };
}

function codes(cursor: Cursor, key: string): number[] {
  return (
    cursor
      .get(key)
      ?.items()
      .flatMap((item) => item.integer() ?? []) ?? []
  );
}

/** `type: stdin` is a File that the command reads as its standard input (CWL v1.1 §stdin). */
function takeStdin(tool: Body<CommandLineTool>, cursor: Cursor): void {
  for (const { id, body } of cursor.get("inputs")?.entries("id", "type") ?? []) {
    if (body.get("type")?.scalar !== "stdin") continue;
    if (tool.stdin !== undefined) body.error("`type: stdin` and the tool's `stdin` exclude each other");
    else if (body.get("inputBinding")) body.error("`type: stdin` and `inputBinding` exclude each other");
    else tool.stdin = `$(inputs.${shortName(id)}.path)`;
  }
}

/** `type: stdout` is a File that holds what the command wrote; without a file name it gets one (CWL v1.2 §stdout). */
function captureStream(tool: Body<CommandLineTool>, cursor: Cursor, scope: ProcessScope, stream: "stdout" | "stderr"): void {
  for (const { id, body } of cursor.get("outputs")?.entries("id", "type") ?? []) {
    if (body.get("type")?.scalar !== stream) continue;
    if (body.get("outputBinding")) body.error(`${quoted(`type: ${stream}`)} and ${quoted("outputBinding")} exclude each other`);
    tool[stream] ??= `${streamName(scope.id, stream)}`;
    const port = tool.outputs.find((output: OutputPort) => output.id === shortName(id));
    if (port) port.outputBinding = { glob: [tool[stream]] };
  }
}

/** The same for every load of the tool, so that a repeated job has the same command; unlikely to meet a name of the tool's own. */
function streamName(id: string, stream: string): string {
  let hash = 0x811c9dc5;
  for (const character of `${shortName(id)} ${stream}`) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return `${hash.toString(16).padStart(8, "0")}.${stream}`;
}

/** CWL v1.2 §ExpressionTool. */
export function readExpressionTool(cursor: Cursor, scope: ProcessScope): Body<ExpressionTool> {
  const at = cursor.get("expression");
  if (!at) cursor.error("`expression` is missing");
  return {
    class: "ExpressionTool",
    inputs: readInputs(cursor, scope),
    outputs: readOutputs(cursor, scope, {}, (port) => port),
    expression: (at && readExpression(at, scope)) ?? "",
  };
}

/** CWL v1.2 §Operation. */
export function readOperation(cursor: Cursor, scope: ProcessScope): Body<AbstractOperation> {
  return { class: "Operation", inputs: readInputs(cursor, scope), outputs: readOutputs(cursor, scope, {}, (port) => port) };
}
