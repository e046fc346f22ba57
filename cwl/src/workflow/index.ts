export { InstanceProblem, resolveInstance } from "./instance.ts";
export { type Decision, type Progress, plan, type StepState } from "./plan.ts";
export { gatherOutputs, instanceInputs, type Scatter, type StepWork } from "./scatter.ts";
