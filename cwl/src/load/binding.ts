import type { InputBinding, OutputBinding } from "../model.ts";
import type { Cursor } from "./cursor.ts";
import { readExpression, readLoadListing } from "./file-traits.ts";
import { checkFields, type ProcessScope, since } from "./process-scope.ts";
import { computesPosition } from "./versions.ts";

const INPUT_BINDING = since("v1.0", "loadContents", "position", "prefix", "separate", "itemSeparator", "valueFrom", "shellQuote");

/** CWL v1.2 §CommandLineBinding; its `loadContents` is that of §InputBinding. */
export function readInputBinding(cursor: Cursor, scope: ProcessScope): InputBinding | undefined {
  if (!checkFields(cursor, INPUT_BINDING, scope)) return undefined;
  const binding: InputBinding = {};
  const position = cursor.get("position");
  if (position && typeof position.scalar === "string" && computesPosition(scope.version)) {
    const expression = readExpression(position, scope);
    if (expression !== undefined) binding.position = expression;
  } else if (position) {
    const number = position.integer();
    if (number !== undefined) binding.position = number;
  }
  const prefix = cursor.get("prefix")?.string();
  const separate = cursor.get("separate")?.boolean();
  const itemSeparator = cursor.get("itemSeparator")?.string();
  const valueFromAt = cursor.get("valueFrom");
  const valueFrom = valueFromAt && readExpression(valueFromAt, scope);
  const shellQuote = cursor.get("shellQuote")?.boolean();
  const loadContents = cursor.get("loadContents")?.boolean();
  if (prefix !== undefined) binding.prefix = prefix;
  if (separate !== undefined) binding.separate = separate;
  if (itemSeparator !== undefined) binding.itemSeparator = itemSeparator;
  if (valueFrom !== undefined) binding.valueFrom = valueFrom;
  if (shellQuote !== undefined) binding.shellQuote = shellQuote;
  if (loadContents !== undefined) binding.loadContents = loadContents;
  return binding;
}

const OUTPUT_BINDING = { ...since("v1.0", "glob", "loadContents", "outputEval"), ...since("v1.1", "loadListing") };

/** CWL v1.2 §CommandOutputBinding. */
export function readOutputBinding(cursor: Cursor, scope: ProcessScope): OutputBinding | undefined {
  if (!checkFields(cursor, OUTPUT_BINDING, scope)) return undefined;
  const binding: OutputBinding = {};
  const glob = cursor.get("glob");
  const loadContents = cursor.get("loadContents")?.boolean();
  const loadListing = readLoadListing(cursor.get("loadListing"));
  const outputEval = cursor.get("outputEval");
  if (glob) binding.glob = glob.itemsOrOne().flatMap((item) => readExpression(item, scope) ?? []);
  if (loadContents !== undefined) binding.loadContents = loadContents;
  if (loadListing !== undefined) binding.loadListing = loadListing;
  const evaluated = outputEval && readExpression(outputEval, scope);
  if (evaluated !== undefined) binding.outputEval = evaluated;
  return binding;
}
