import { ApiError } from "./errors.ts";
import { measureJson } from "./json-size.ts";

/** What a JSON body may be at most, since it is parsed and gone through while others wait. */
export interface BodyLimits {
  bytes: number;
  /** Elements of lists and values of objects. */
  values: number;
  /** Lists and objects inside each other. */
  depth: number;
}

/** The settings that set the limits: the messages name them. */
const VARIABLES = { bytes: "CAUSEWAY_BODY_BYTES", values: "CAUSEWAY_BODY_VALUES", depth: "CAUSEWAY_BODY_DEPTH" } as const;

/** @throws ApiError `badRequest` */
export function refuseLarge(bytes: Uint8Array, limits: BodyLimits): void {
  // Each takes one byte at least.
  if (bytes.length <= limits.values && bytes.length <= limits.depth) return;
  const { values, depth } = measureJson(bytes);
  if (depth > limits.depth) throw tooLarge(`is nested ${grouped(depth)} deep`, limits.depth, VARIABLES.depth);
  if (values > limits.values) throw tooLarge(`has ${grouped(values)} values`, limits.values, VARIABLES.values);
}

/** @param variable the setting that sets the call's limit */
export const tooManyBytes = (allowed: number, variable: string = VARIABLES.bytes): ApiError =>
  new ApiError("badRequest", `The body has more bytes than the ${grouped(allowed)} that this call takes (${variable}).`);

const tooLarge = (what: string, allowed: number, variable: string): ApiError =>
  new ApiError("badRequest", `The body ${what}, and ${grouped(allowed)} are allowed (${variable}).`);

const grouped = (count: number): string => count.toLocaleString("en-US");
