export { checkExpression } from "./check.ts";
export { closeSandbox, createEvaluator } from "./evaluator.ts";
export { ExpressionError } from "./expression-error.ts";
export { decimal } from "./interpolation.ts";
