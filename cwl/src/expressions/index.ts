export { checkExpression, checkLibrary, type ExpressionProblem } from "./check.ts";
export { closeSandbox, createEvaluator, type EvaluatorOptions } from "./evaluator.ts";
export { ExpressionError, type ExpressionLimit } from "./expression-error.ts";
export { decimal } from "./interpolation.ts";
export { mayHoldExpression } from "./scanner.ts";
