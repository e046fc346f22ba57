import { fixedEngines } from "../containers/host-engines.ts";
import { noEngine } from "../containers/none.ts";
import { ProcessExecutor, type ProcessExecutorSettings } from "../process/executor.ts";

export function open(directory: string, more: Partial<ProcessExecutorSettings> = {}): Promise<ProcessExecutor> {
  return ProcessExecutor.open({ directory, engines: fixedEngines(noEngine), capacity: { cores: 4, ramMiB: 4096 }, ...more });
}
