export { Agent, type AgentDeps, type JobContext } from "./agent.ts";
export { type Capacity, type RunCommand, withinCapacity } from "./commands/capacity.ts";
export { childCommands } from "./commands/commands.ts";
export { type HostAgent, type HostAgentSettings, openHostAgent } from "./host-agent.ts";
export type { AgentLog } from "./log.ts";
export {
  type AgentOrder,
  type AgentResult,
  BLOB,
  type CompletedJob,
  type FailedJob,
  type JobLog,
  type SmallLog,
  type StoredLog,
  type StoredOutputs,
} from "./order.ts";
export type { JobPlatform } from "./platform.ts";
export { stderrOf, stdoutOf } from "./store/job-logs.ts";
export { withRoomMade } from "./store/make-room.ts";
export { removeTree } from "./store/remove-tree.ts";
