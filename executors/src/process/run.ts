import { setTimeout as wait } from "node:timers/promises";
import type { ContainerEngine } from "../containers/engine.ts";
import { noEngine } from "../containers/none.ts";
import { type JobResult, type JobSpec, type KillReason, refuseOddPaths } from "../job.ts";
import { type ControlGroups, findControlGroups, JobGroup, sweepGroups } from "./cgroup.ts";
import { fileLimitKiB } from "./disk-usage/disk-watch.ts";
import { judge, type KillNote } from "./outcome.ts";
import { identify } from "./processes.ts";
import { becomeCommand, type Command } from "./shell.ts";
import { childSeconds, type Starter, StarterPool } from "./starter.ts";
import { stderrEnd } from "./stderr-end.ts";
import { killAll, marksOf } from "./tree.ts";

/**
 * Runs jobs as children of this process and tells how they ended: for `causeway cwl run`, where nothing outlives the
 * program. Nothing is written to disk but the job's own streams. Any number may run at once; the caller limits that.
 */
export class ProcessRunner {
  readonly #engine: ContainerEngine;
  readonly #pool = new StarterPool();
  readonly #groups: ControlGroups | undefined;

  /**
   * @param settings.controlGroups whether each job gets a control group (default): for its memory limit, its peak memory,
   * and the end of what it leaves running. Without one a job costs half a millisecond less.
   */
  constructor(engine: ContainerEngine = noEngine, settings: { controlGroups?: boolean } = {}) {
    this.#engine = engine;
    this.#groups = settings.controlGroups === false ? undefined : findControlGroups();
    if (this.#groups) sweepGroups(this.#groups);
  }

  /**
   * Runs the job to its end. Without `job.stdout` or `job.stderr` that stream goes to this process's standard error.
   * When `signal` aborts, every process of the job is ended: `killed: aborted`.
   *
   * @throws ImageUnavailable; an Error when the job is malformed
   */
  async run(job: JobSpec, signal?: AbortSignal): Promise<JobResult> {
    refuseOddPaths(job);
    const image = job.image && (await this.#engine.prepare?.(job.image.docker, signal));
    const group = this.#groups && new JobGroup(this.#groups, `run-${process.pid}-${groupCount++}`);
    const command = this.#engine.wrap(job, image, group);
    const starter = await this.#pool.take();
    group?.make(job.limits ?? {}, job.resources.cores);
    const running = new Running(job, command, this.#engine, starter, group);
    const onAbort = () => running.kill("aborted");
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    try {
      return await running.awaitResult();
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#pool.giveBack(starter);
    }
  }

  /** Ends the helpers and waits for them. Jobs that still run go on: abort them first. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

/** Of all runners of this process, whose groups have names of one kind. */
let groupCount = 0;

/** One job on its way. */
class Running {
  readonly #job: JobSpec;
  readonly #command: Command;
  readonly #engine: ContainerEngine;
  readonly #starter: Starter;
  readonly #group: JobGroup | undefined;
  #killed: KillNote | undefined;
  #killing: Promise<void> | undefined;
  #over = false;

  constructor(job: JobSpec, command: Command, engine: ContainerEngine, starter: Starter, group: JobGroup | undefined) {
    this.#job = job;
    this.#command = command;
    this.#engine = engine;
    this.#starter = starter;
    this.#group = group;
  }

  async awaitResult(): Promise<JobResult> {
    const { stdin, stdout, stderr, limits, timeLimitSeconds } = this.#job;
    const dataKiB = this.#group || limits?.memoryMiB === undefined ? undefined : limits.memoryMiB * 1024;
    const fileKiB = fileLimitKiB(limits);
    const cgroupProcs = (!this.#engine.client && this.#group?.procs) || [];
    const around = { stdin, stdout, stderr, cgroupProcs, dataKiB, ...(this.#engine.client ? {} : { fileKiB }) };
    // Node's timers end at 24 days; no program is left to run for so long.
    const isLimited = timeLimitSeconds && timeLimitSeconds * 1000 < 2 ** 31;
    const timer = isLimited ? setTimeout(() => this.kill("time limit", timeLimitSeconds), timeLimitSeconds * 1000) : undefined;

    const startedAt = new Date();
    const clock = performance.now();
    const answer = await this.#starter.run(`times\n(\n${becomeCommand(this.#command, around)}\n)\necho $?\ntimes`);
    const wallSeconds = (performance.now() - clock) / 1000;
    this.#over = true;
    clearTimeout(timer);
    await this.#killing;
    const used = this.#group?.used();
    await this.#group?.clear(); // what the command left running ends with it
    if (answer === undefined) return { is: "lost", why: "the shell that started it was killed" };

    const [before1, before2, code, after1, after2] = answer.split("\n");
    const cpuSeconds = this.#engine.client
      ? used?.cpuSeconds
      : childSeconds([after1!, after2!]) - childSeconds([before1!, before2!]);
    const usage = {
      startedAt: startedAt.toISOString(),
      endedAt: new Date(startedAt.getTime() + wallSeconds * 1000).toISOString(),
      wallSeconds,
      ...(cpuSeconds === undefined ? {} : { cpuSeconds }),
      ...(used?.peakMemoryBytes === undefined ? {} : { peakMemoryBytes: used.peakMemoryBytes }),
    };
    const memoryLimited = this.#engine.client && limits?.memoryMiB !== undefined;
    const outOfMemory = used?.outOfMemory ?? false;
    const outOfProcesses = used?.outOfProcesses ?? false;
    const killed = this.#killed;
    const end = () => (stderr === undefined ? undefined : stderrEnd(this.#job, stderr));
    return judge({ code: Number(code), usage, limits, killed, outOfMemory, outOfProcesses, fileKiB, memoryLimited, stderr: end });
  }

  kill(why: KillReason, limit?: number): void {
    this.#killed ??= { why, ...(limit === undefined ? {} : { limit }) };
    this.#killing ??= this.#killUntilOver();
  }

  /** Repeats, because the shell may only be about to start the command. */
  async #killUntilOver(): Promise<void> {
    const processes = {
      starter: identify(this.#starter.pid),
      group: this.#group,
      marks: marksOf(this.#job),
      stop: this.#engine.stop?.(this.#job),
    };
    while (!this.#over) {
      await killAll(processes);
      await wait(1);
    }
  }
}
