import { noEngine } from "../containers/none.ts";
import { ProcessExecutor } from "../process/executor.ts";

export const open = (directory: string) =>
  ProcessExecutor.open({ directory, engine: noEngine, capacity: { cores: 4, ramMiB: 4096 } });
