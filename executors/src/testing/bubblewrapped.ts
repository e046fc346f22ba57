import { findBubblewrap } from "../containers/bubblewrap.ts";
import { fixedEngines } from "../containers/host-engines.ts";
import { ProcessExecutor, type ProcessExecutorSettings } from "../process/executor.ts";

export async function open(directory: string, more: Partial<ProcessExecutorSettings> = {}): Promise<ProcessExecutor> {
  const engine = await findBubblewrap();
  if ("unusable" in engine) throw new Error(engine.unusable);
  return ProcessExecutor.open({ directory, engines: fixedEngines(engine), capacity: { cores: 4, ramMiB: 4096 }, ...more });
}
