import type { CommandLineTool, Job } from "@causeway/cwl";
import type { Room } from "../../billing/instances.ts";
import type { Database } from "../../db/database.ts";
import type { InstanceOffer, TaskInstances } from "../instances/task-instances.ts";
import { asPlatformFault } from "../platform-fault.ts";
import type { TaskProblem } from "../tables.ts";
import { replaceJob } from "./job-queries.ts";
import type { JobInstance, JobKey, JobWrites } from "./job-writes.ts";

export interface JobAdmissionDeps {
  db: Database;
  writes: JobWrites;
  instances: TaskInstances;
  /** What this machine has for jobs. */
  machine: Room;
  /** Tells the task's user of something that is not as asked. */
  warn(warning: TaskProblem): void;
}

interface AdmittedJob {
  key: JobKey;
  tool: CommandLineTool;
  signal: AbortSignal;
}

/** How a job gets its row and an instance to run on, again for a second attempt. */
export class JobAdmission {
  readonly #deps: JobAdmissionDeps;
  readonly #job: AdmittedJob;
  #instance: string | undefined;

  /** @param instance on which the job is already, by this driver or another */
  constructor(deps: JobAdmissionDeps, job: AdmittedJob, instance: string | null = null) {
    this.#deps = deps;
    this.#job = job;
    this.#instance = instance ?? undefined;
  }

  /** What the job's instance has; undefined when it was given back. */
  get size(): { memoryMib: number; diskGb: number } | undefined {
    return this.#instance === undefined ? undefined : this.#deps.instances.sizeOf(this.#instance);
  }

  /** Records the job, and waits until it is on an instance. @throws JobError of `TaskInstances.place`; PlatformFault */
  async admit(job: Job, attempt: number): Promise<void> {
    const offer = this.#ask(job);
    this.#warnOfLess(job);
    if (offer.isWaiting) {
      await this.#record(job, attempt, { waiting: "all instances that the task may have are busy" });
      return this.#noteInstance(offer);
    }
    const instance = await asPlatformFault(() => offer.instance);
    this.#instance = instance;
    await this.#record(job, attempt, { instance });
  }

  /** Waits until a job that is recorded is on an instance, if it is on none. */
  async goOn(job: Job): Promise<void> {
    if (this.#instance === undefined) await this.#noteInstance(this.#ask(job));
  }

  #ask(job: Job): InstanceOffer {
    return this.#deps.instances.place(job, this.#job.tool, this.#job.signal);
  }

  async #record(job: Job, attempt: number, instance: JobInstance): Promise<void> {
    const { db, writes } = this.#deps;
    const { key } = this.#job;
    await asPlatformFault(async () => {
      if (attempt === 1) return writes.insert(key, job, instance);
      await writes.flush();
      await replaceJob(db, key.task, job, job.id, instance);
    });
  }

  async #noteInstance(offer: InstanceOffer): Promise<void> {
    const instance = await asPlatformFault(() => offer.instance);
    this.#instance = instance;
    this.#deps.writes.note(this.#job.key, { instance });
  }

  /** An instance is a size out of a list: what its jobs run on may have less. */
  #warnOfLess({ name, resources: { cores, ramMiB } }: Job): void {
    const { machine, warn } = this.#deps;
    if (!this.#job.tool.requirements.resource) return;
    const less = [
      ...(ramMiB > machine.memoryMib ? [`${ramMiB} MiB of memory, and the machine has ${machine.memoryMib} MiB`] : []),
      ...(cores > machine.cpus ? [`${cores} cores, and the machine has ${machine.cpus}`] : []),
    ];
    for (const amount of less)
      warn({ code: "RESOURCES", message: `${name}: ResourceRequirement asks for ${amount}: the job runs with what there is` });
  }
}
