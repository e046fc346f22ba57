export { type Decision, type Progress, plan, type StepState } from "./plan.ts";
export { gatherOutputs, type Scatter, type StepWork, scatterItemInputs } from "./scatter.ts";
export { resolveScatterItem, ScatterItemProblem } from "./scatter-item.ts";
