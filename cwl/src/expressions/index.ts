export { checkExpression } from "./check.ts";
export { closeSandbox, createEvaluator, warmSandbox } from "./evaluator.ts";
export { ExpressionError } from "./expression-error.ts";
export { decimal } from "./interpolation.ts";
