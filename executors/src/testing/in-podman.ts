import { fixedEngines } from "../containers/host-engines.ts";
import { hostSources } from "../containers/host-sources.ts";
import { findPodman } from "../containers/probe.ts";
import { ProcessExecutor } from "../process/executor.ts";

export async function open(directory: string): Promise<ProcessExecutor> {
  const engine = await findPodman({ sources: hostSources, remembers: true });
  if ("unusable" in engine) throw new Error(engine.unusable);
  return ProcessExecutor.open({ directory, engines: fixedEngines(engine), capacity: { cores: 4, ramMiB: 4096 } });
}
