export { bubblewrap, findBubblewrap } from "./containers/bubblewrap.ts";
export type { ContainerEngine, EngineName, Image, Probe } from "./containers/engine.ts";
export { ImageUnavailable } from "./containers/engine.ts";
export { noEngine } from "./containers/none.ts";
export { findDocker, findEngine, findImageEngine, findPodman, type Network, probeEngines } from "./containers/probe.ts";
export type { Executor } from "./executor.ts";
export type * from "./job.ts";
export { ProcessExecutor, type ProcessExecutorSettings } from "./process/executor.ts";
export { ProcessRunner } from "./process/run.ts";
