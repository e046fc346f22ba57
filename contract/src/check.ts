import { type TObject, type TSchema, Type } from "typebox";
import type { Validator } from "typebox/compile";
import type { ErrorKind } from "./errors.ts";
import { describeAllowed, type Json, read, readQuery } from "./lenience.ts";
import type { BodyOf, Checked, CheckedBodyOf, Element, Operation, ParamsOf, QueryOf, Refusal } from "./operation.ts";
import { halfCharacterIn } from "./unicode.ts";
import { validatorOf } from "./validators.ts";

type Part = "params" | "query" | "body";

/** Checks the parameters of the path; ids are lower-cased where case does not matter. */
export function checkParams<O extends Operation>(op: O, params: Readonly<Record<string, string>>): Checked<ParamsOf<O>> {
  if (!op.params) return { value: {} as ParamsOf<O> };
  return check(op, "params", op.params, read(op.params, { ...params }, { nullIsAbsent: true, numbersAreText: true }));
}

/**
 * Checks the parameters of the query that the operation defines; all others are ignored, `limit`, `offset` and
 * `fields` too. Of a value given twice the first wins; a list takes commas and repetition (conventions.md §15).
 */
export function checkQuery<O extends Operation>(op: O, query: URLSearchParams): Checked<QueryOf<O>> {
  if (!op.query) return { value: {} as QueryOf<O> };
  return check(op, "query", op.query, readQuery(op.query, query));
}

/**
 * Checks the decoded JSON body; `undefined` when there was none (conventions.md §4, §13, §14).
 *
 * Unknown keys are dropped. `null` counts as absent for an optional key, unless the schema allows null or the call is
 * a PATCH, where it is refused. `"true"` is true, and a text is a list of one where a list of texts is wanted. Elements
 * of an array `perItem` are checked each for itself: they refuse nothing but themselves.
 */
export function checkBody<O extends Operation>(op: O, json: unknown): Checked<CheckedBodyOf<O>> {
  if (!op.body) return { value: undefined as CheckedBodyOf<O> };
  if (json === undefined && op.bodyRequired) {
    return refusal(op, "body", op.body, { pointer: "body", condition: "missing" });
  }
  // The Python client sends `null` where it has nothing to say.
  const nothing = json === undefined || (json === null && !op.bodyRequired && !hasRequired(op.body));
  const value = nothing && (op.body as Json).type === "object" ? {} : json;
  const meant = read(op.body, value, { nullIsAbsent: op.method !== "PATCH" });
  return op.perItem === undefined ? check(op, "body", op.body, meant) : checkPerItem(op, op.body, op.perItem, meant);
}

function checkPerItem<O extends Operation>(op: O, body: TSchema, key: string, meant: unknown): Checked<CheckedBodyOf<O>> {
  const whole = check<Record<string, unknown>>(op, "body", frameOf(body, key), meant);
  if (!("value" in whole)) return whole;
  const schema = (body as Json).properties![key]!.items as TSchema;
  const elements = (whole.value[key] as unknown[]).map(
    (given, index): Element<unknown> => ({ given, ...check(op, "body", schema, given, `/${key}/${index}`) }),
  );
  return { value: { ...whole.value, [key]: elements } as CheckedBodyOf<O> };
}

/** The schema of a body with anything for the elements of its array `key`. */
const frames = new WeakMap<TSchema, TSchema>();

function frameOf(body: TSchema, key: string): TSchema {
  let frame = frames.get(body);
  if (!frame) {
    const { properties } = body as unknown as { properties: Record<string, TSchema> };
    frame = { ...body, properties: { ...properties, [key]: { ...properties[key], items: Type.Unknown() } } } as TSchema;
    frames.set(body, frame);
  }
  return frame;
}

/**
 * Checks only some keys of the body, as `checkBody` does: for a call whose documented order puts other checks between
 * those of its keys.
 */
export function checkBodyKeys<O extends Operation, K extends keyof BodyOf<O> & string>(
  op: O,
  json: unknown,
  keys: readonly K[],
): Checked<Pick<BodyOf<O>, K>> {
  const part = { ...op, body: partOf(op.body as TObject, keys), perItem: undefined };
  return checkBody(part as unknown as Operation, json) as Checked<Pick<BodyOf<O>, K>>;
}

const parts = new WeakMap<TSchema, Map<string, TSchema>>();

/** The object's schema with those keys alone; made once, since validators are kept by schema. */
function partOf(schema: TObject, keys: readonly string[]): TSchema {
  const known = parts.get(schema) ?? new Map<string, TSchema>();
  parts.set(schema, known);
  const name = keys.join();
  const part = known.get(name) ?? Type.Pick(schema, [...keys]);
  known.set(name, part);
  return part;
}

function hasRequired(schema: TSchema): boolean {
  return ((schema as Json).required ?? []).length > 0;
}

/** Checks `part` of a request, or what is at the pointer `below` it. */
function check<T>(op: Operation, part: Part, schema: TSchema, value: unknown, below = ""): Checked<T> {
  const validator = validatorOf(schema);
  const whole = op[part] ?? schema;
  if (!validator.Check(value)) return refusal(op, part, whole, problemOf(validator, part + below, value));
  const halved = halfCharacterIn(value);
  if (halved === undefined) return { value: value as T };
  return refusal(op, part, whole, { pointer: part + below + halved, condition: "wrong", must: WELL_FORMED });
}

interface Problem {
  readonly pointer: string;
  readonly condition: "missing" | "empty" | "wrong";
  /** What the value must be, where its schema does not say it. */
  readonly must?: string;
}

const WELL_FORMED = "valid Unicode: it has half of a surrogate pair";

/** The first place that does not fit; a missing key before a wrong value. */
function problemOf(validator: Validator, part: string, value: unknown): Problem {
  const [first] = validator.Errors(value);
  if (!first) throw new Error("A value was refused without a reason.");
  const pointer = part + first.instancePath;
  if (first.keyword === "required") {
    return { pointer: `${pointer}/${first.params.requiredProperties[0]}`, condition: "missing" };
  }
  return { pointer, condition: isEmpty(valueAt(value, first.instancePath)) ? "empty" : "wrong" };
}

function refusal(op: Operation, part: Part, schema: TSchema, { pointer, condition, must }: Problem): Refusal {
  const steps = stepsOf(pointer);
  const place = steps.length === 1 ? `The ${part}` : `\`${steps.slice(1).join(".")}\``;
  const allowed = must ?? describeAllowed(schemaAt(schema, steps.slice(1)));
  const detail = condition === "missing" ? `${place} is missing: it must be ${allowed}.` : `${place} must be ${allowed}.`;
  return { kind: kindOf(op, steps, condition), detail, pointer };
}

/** The operation's error for the place: the longest prefix, at the place itself also by what is wrong. */
function kindOf(op: Operation, steps: readonly string[], condition: Problem["condition"]): ErrorKind {
  const refusals = op.refusals ?? {};
  for (let length = steps.length; length > 0; length--) {
    const path = steps.slice(0, length).join("/");
    const pattern = steps
      .slice(0, length)
      .map((step) => (/^\d+$/.test(step) ? "[]" : step))
      .join("/");
    const kind =
      (length === steps.length ? (refusals[`${path}#${condition}`] ?? refusals[`${pattern}#${condition}`]) : undefined) ??
      refusals[path] ??
      refusals[pattern];
    if (kind) return kind;
  }
  return "badRequest";
}

function isEmpty(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  return typeof value === "object" && Object.keys(value).length === 0;
}

const stepsOf = (pointer: string): string[] => pointer.split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

function valueAt(value: unknown, pointer: string): unknown {
  let here = value;
  for (const step of stepsOf(pointer).slice(1)) here = (here as Record<string, unknown>)?.[step];
  return here;
}

function schemaAt(schema: TSchema, steps: readonly string[]): Json | undefined {
  let here: Json | undefined = schema as Json;
  for (const step of steps) {
    const others: boolean | Json | undefined = here?.additionalProperties;
    here = here?.properties?.[step] ?? here?.items ?? (typeof others === "object" ? others : undefined);
  }
  return here;
}
