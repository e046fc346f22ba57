import { createRequire } from "node:module";
import type { TSchema } from "typebox";
import type { Validator } from "typebox/compile";

const require = createRequire(import.meta.url);
const validators = new WeakMap<TSchema, Validator>();

/**
 * Compiled once a schema, when it is first needed: start-up does not pay for calls that nobody makes. The compiler itself
 * (310 modules) is loaded by the first, so a client, which checks nothing, does not wait for it.
 */
export function validatorOf(schema: TSchema): Validator {
  let validator = validators.get(schema);
  if (!validator) {
    const { Compile } = require("typebox/compile") as typeof import("typebox/compile");
    validator = Compile(schema);
    validators.set(schema, validator);
  }
  return validator;
}
