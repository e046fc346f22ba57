import { open } from "node:fs/promises";
import type { CommandWrapping } from "@causeway/cwl";
import { HostEngines, type HostEnginesSettings, type ImageRequirement, ProcessExecutor } from "@causeway/executors";
import { Agent } from "./agent.ts";
import { durableCommands } from "./commands/commands.ts";
import { JobWatch } from "./commands/job-watch.ts";
import type { AgentLog } from "./log.ts";

export interface HostAgentSettings extends Pick<HostEnginesSettings, "images" | "isolation" | "sources"> {
  /** Of the records of commands: a local disk, the same for every agent of this host that shall find them again. */
  directory: string;
  /** What is to stay free of the disks that jobs write to, in MiB. */
  keepFreeMiB: number;
  /** Cores beyond those of the host that first jobs of users may get who have none running. */
  firstJobCores: number;
  log: AgentLog & { error(details: object, message: string): void };
}

/** The agent of this host, whose commands outlive it, with the container engines that are here. */
export interface HostAgent extends Required<CommandWrapping> {
  agent: Agent;
  /** Why no command can run in an image here, after another look at this host; `undefined` where one can. */
  imagesUnusable(): Promise<string | undefined>;
  /** Resolves when it is known in which container engine commands run here: after a start that takes a moment. */
  enginesKnown(): Promise<void>;
  /** The jobs that this host has records of. */
  recorded(): string[];
  /** Lets go of timers and helpers. Commands go on. */
  close(): Promise<void>;
}

/** Opens the agent of this host. Trying container engines takes seconds: jobs wait for it, this does not. */
export async function openHostAgent(settings: HostAgentSettings): Promise<HostAgent> {
  const { images, isolation, sources, log } = settings;
  const tell = (message: string) => log.warn({}, message);
  const engines = new HostEngines({ images, isolation, ...(sources && { sources }), log: tell });
  engines.look().catch((err) => log.error({ err }, "container engines could not be looked for"));
  const { directory, keepFreeMiB, firstJobCores } = settings;
  const executor = await ProcessExecutor.open({ directory, engines, keepFreeMiB, firstJobCores, log: tell });
  const watch = new JobWatch(executor, log);
  const imageDigest = async (docker: ImageRequirement, signal: AbortSignal) => {
    const engine = engines.current({ image: { docker, required: false } });
    const image = "unusable" in engine ? undefined : await engine.prepare?.(docker, signal);
    return image?.digest ?? "none: this host's programs";
  };
  const environment = () => ({ PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" });
  return {
    agent: new Agent({ commands: durableCommands(executor, watch), environment, imageDigest, checksum: sha1Of, log }),
    get wraps() {
      return engines.wraps;
    },
    imageDigest,
    async imagesUnusable() {
      await engines.lookForMissing();
      return engines.imagesUnusable;
    },
    enginesKnown: () => engines.known(),
    recorded: () => executor.recorded(),
    async close() {
      engines.close();
      watch.close();
      await executor.close();
    },
  };
}

/** Read in threads, off the one that answers requests. */
async function sha1Of(path: string, _size: number, signal?: AbortSignal): Promise<string> {
  const { digestFile } = await import("@causeway/storage");
  const file = await open(path, "r");
  try {
    return `sha1$${(await digestFile(file, { algorithm: "sha1", signal })).digest}`;
  } finally {
    await file.close();
  }
}
