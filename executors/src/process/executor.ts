import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ContainerEngine } from "../containers/engine.ts";
import type { Executor } from "../executor.ts";
import type { JobResult, JobSpec, JobStatus, KillReason } from "../job.ts";
import { type ControlGroups, findControlGroups, JobGroup } from "./cgroup.ts";
import { judge } from "./outcome.ts";
import { JobRecord, recordedIds, type StartRecord } from "./records.ts";
import { becomeCommand, type Command } from "./shell.ts";
import { type Claim, Slots } from "./slots.ts";
import { StarterPool } from "./starter.ts";
import { bootId, isAlive, type JobProcesses, killAll, marksOf } from "./tree.ts";

export interface ProcessExecutorSettings {
  /** Where the records of jobs are kept; a directory of its own, on a local disk. */
  directory: string;
  /** What commands are wrapped in. */
  engine: ContainerEngine;
  /** What jobs may reserve together. Default: all cores and nine tenths of the memory of this host. */
  capacity?: Claim;
  /** Hears what an operator should know. */
  log?: (message: string) => void;
}

/**
 * Runs jobs as processes of this host.
 *
 * A job is a child of a small shell (see `Starter`) that outlives the platform and writes down how the job ended.
 * What is true about a job is in its record on disk (see `JobRecord`); in memory are only the queue for free cores and
 * the timers, which `open` builds anew from the records. Linux only: it reads /proc.
 *
 * Under systemd the unit needs `KillMode=process`: otherwise a restart of the service ends the jobs, which are then `lost`.
 */
export class ProcessExecutor implements Executor {
  readonly #directory: string;
  readonly #engine: ContainerEngine;
  readonly #groups: ControlGroups | undefined = findControlGroups();
  readonly #slots: Slots;
  readonly #pool = new StarterPool();
  /** Jobs between their turn and their end, with what stops the preparations. */
  readonly #starting = new Map<string, AbortController>();
  readonly #settling = new Map<string, Promise<JobResult>>();
  readonly #deadlines = new Map<string, NodeJS.Timeout>();
  /** Running jobs that another executor started: nobody tells us when they end. */
  readonly #adopted = new Set<string>();
  readonly #watch: NodeJS.Timeout;
  readonly #listeners: ((id: string) => void)[] = [];
  readonly #log: (message: string) => void;

  private constructor(settings: ProcessExecutorSettings) {
    this.#directory = settings.directory;
    this.#engine = settings.engine;
    this.#log = settings.log ?? (() => {});
    this.#slots = new Slots(settings.capacity ?? hostCapacity());
    this.#watch = setInterval(() => void this.poll([...this.#adopted]), 1000).unref();
  }

  /** Finds the jobs that are under way, goes on with those that wait, and takes new ones. */
  static async open(settings: ProcessExecutorSettings): Promise<ProcessExecutor> {
    const executor = new ProcessExecutor(settings);
    await mkdir(settings.directory, { recursive: true, mode: 0o700 });
    if (settings.engine.name === "none") {
      executor.#log("jobs run WITHOUT isolation, with the rights of this user: for your own machine and trusted apps only");
    }
    await executor.#goOn();
    return executor;
  }

  async submit(job: JobSpec): Promise<string> {
    if (this.#engine.programs === "host") this.#script(job, this.#engine.wrap(job)); // throws when the job is malformed
    if (await this.#record(job.id).keep(job)) this.#enqueue(job);
    return job.id;
  }

  async poll(ids: readonly string[]): Promise<Map<string, JobStatus>> {
    return new Map(await Promise.all(ids.map(async (id) => [id, await this.#status(id)] as const)));
  }

  async remove(id: string): Promise<void> {
    const record = this.#record(id);
    const job = await record.job();
    if (!job) return;
    if (!(await record.result())) await this.#kill(job, "aborted");
    this.#settled(id);
    await record.strip();
  }

  onChange(listener: (id: string) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    for (const timer of this.#deadlines.values()) clearTimeout(timer);
    this.#pool.close();
  }

  /** Takes up what the records of an earlier executor say. */
  async #goOn(): Promise<void> {
    const open = await Promise.all(
      (await recordedIds(this.#directory)).map(async (id) => {
        const record = this.#record(id);
        const job = (await record.result()) ? undefined : await record.job();
        return job && { job, started: await record.started(), submittedAt: await record.submittedAt() };
      }),
    );
    const jobs = open.filter((entry) => entry !== undefined).sort((a, b) => a.submittedAt - b.submittedAt);
    // Those that run hold their room before those that wait ask for theirs.
    for (const { job, started } of jobs) if (started) this.#adopt(job, started === "half" ? new Date() : started.at);
    for (const { job, started } of jobs) if (!started) this.#enqueue(job);
    await this.poll([...this.#adopted]);
  }

  #adopt(job: JobSpec, since: Date): void {
    this.#slots.occupy(job.id, job.resources);
    this.#adopted.add(job.id);
    this.#setDeadline(job, since);
  }

  #enqueue(job: JobSpec): void {
    this.#slots.ask(job.id, job.resources, () => void this.#start(job));
  }

  /** Never throws: what keeps a job from starting becomes its status. */
  async #start(job: JobSpec): Promise<void> {
    const record = this.#record(job.id);
    const abort = new AbortController();
    this.#starting.set(job.id, abort);
    try {
      const image = job.image && (await this.#engine.prepare?.(job.image.docker, abort.signal));
      this.#group(job)?.make(job.limits ?? {});
      const script = this.#script(job, this.#engine.wrap(job, image, this.#group(job)));
      const starter = await this.#pool.take();
      this.#setDeadline(job, new Date());
      this.#changed(job.id);
      await starter.run(script);
      this.#pool.giveBack(starter);
    } catch (error) {
      const why = `could not be started: ${(error as Error).message}`;
      if (await record.preventStart()) await record.keepResult({ is: "lost", why });
    }
    this.#starting.delete(job.id);
    const status = await this.#status(job.id);
    if (status.is === "running")
      this.#adopt(job, new Date(status.since)); // another executor was quicker
    else await this.#group(job)?.clear(); // the job was removed before it could start
  }

  /** What the starter is to read. */
  #script(job: JobSpec, command: Command): string {
    const record = this.#record(job.id);
    const group = this.#group(job);
    const body = becomeCommand(command, {
      stdin: job.stdin,
      stdout: job.stdout ?? record.path("stdout"),
      stderr: job.stderr ?? record.path("stderr"),
      cgroupProcs: (!this.#engine.client && group?.procs) || [],
      dataKiB: group || job.limits?.memoryMiB === undefined ? undefined : job.limits.memoryMiB * 1024,
    });
    return record.script(body);
  }

  async #status(id: string): Promise<JobStatus> {
    const record = this.#record(id);
    const result = await record.result();
    if (result) return this.#settled(id, result);
    const job = await record.job();
    if (!job) return { is: "lost", why: "no such job" };
    const started = await record.started();
    if (started === undefined) this.#enqueue(job);
    if (started === undefined || started === "half") return { is: "waiting", reason: this.#slots.reason(id) ?? "being started" };
    // In this order: a shell that is gone now has written its record before, or never will.
    const alive = !started.removed && isAlive(started.starter);
    if (alive && !(await record.ended())) return { is: "running", since: started.at.toISOString() };
    return this.#settle(job, started);
  }

  /** Judges a job that is over, and clears up after it. */
  #settle(job: JobSpec, started: StartRecord): Promise<JobResult> {
    const going = this.#settling.get(job.id);
    if (going) return going;
    const settling = this.#judge(job, started).finally(() => this.#settling.delete(job.id));
    this.#settling.set(job.id, settling);
    return settling;
  }

  async #judge(job: JobSpec, started: StartRecord): Promise<JobResult> {
    const record = this.#record(job.id);
    const group = this.#group(job);
    const ended = await record.ended();
    // What the command left running ends with it.
    const left = !ended || (group ? group.processes().length > 0 : this.#engine.name === "none");
    if (left) await killAll(await this.#processes(job, started));
    if (started.removed) await record.keepResult(neverStarted());
    else if (!ended) await record.keepResult({ is: "lost", why: whyLost(started) });
    else {
      const used = group?.used();
      const usage = {
        startedAt: started.at.toISOString(),
        endedAt: ended.at.toISOString(),
        wallSeconds: Math.max(0, ended.at.getTime() - started.at.getTime()) / 1000,
        cpuSeconds: this.#engine.client ? used?.cpuSeconds : ended.cpuSecondsAfter - started.cpuSecondsBefore,
        peakMemoryBytes: used?.peakMemoryBytes,
      };
      const { code } = ended;
      const stderr = job.stderr ?? record.path("stderr");
      const killed = await record.killNote();
      const memoryLimited = this.#engine.client && job.limits?.memoryMiB !== undefined;
      const outOfMemory = used?.outOfMemory ?? false;
      await record.keepResult(judge({ code, usage, killed, outOfMemory, memoryLimited, stderr }));
    }
    await group?.clear();
    return this.#settled(job.id, (await record.result())!);
  }

  /** Returns when the job is over and judged. */
  async #kill(job: JobSpec, why: KillReason): Promise<void> {
    const record = this.#record(job.id);
    await record.noteKill(why);
    this.#starting.get(job.id)?.abort();
    if (await record.preventStart()) return record.keepResult(neverStarted());
    for (;;) {
      const started = await record.started();
      if (started === "half" || started === undefined) await wait(1);
      else if (started.removed || (await record.ended()) || !isAlive(started.starter)) break;
      else await killAll(await this.#processes(job, started));
      await wait(1); // the shell may only be about to start the command, or to write down its end
    }
    await this.#status(job.id);
  }

  async #processes(job: JobSpec, started: StartRecord): Promise<JobProcesses> {
    const main = await this.#record(job.id).main(started);
    return { main, group: this.#group(job), marks: marksOf(job), stop: this.#engine.stop?.(job) };
  }

  #setDeadline(job: JobSpec, since: Date): void {
    if (job.timeLimitSeconds === undefined) return;
    const left = since.getTime() + job.timeLimitSeconds * 1000 - Date.now();
    const onTime = left > LONGEST_TIMER ? () => this.#setDeadline(job, since) : () => void this.#kill(job, "time limit");
    this.#deadlines.set(job.id, setTimeout(onTime, Math.min(Math.max(left, 0), LONGEST_TIMER)).unref());
  }

  /** Forgets in memory a job that has ended. */
  #settled<Status>(id: string, status?: Status): Status {
    clearTimeout(this.#deadlines.get(id));
    this.#deadlines.delete(id);
    this.#adopted.delete(id);
    if (this.#slots.release(id)) this.#changed(id);
    return status as Status;
  }

  #changed(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  #record(id: string): JobRecord {
    return new JobRecord(this.#directory, id);
  }

  #group(job: JobSpec): JobGroup | undefined {
    if (!this.#groups) return undefined;
    // Other executors of this host may have jobs of the same id.
    const name = createHash("sha256").update(join(this.#directory, job.id)).digest("hex").slice(0, 24);
    return new JobGroup(this.#groups, `job-${name}`);
  }
}

const LONGEST_TIMER = 2 ** 31 - 1;

function hostCapacity(): Claim {
  return { cores: availableParallelism(), ramMiB: Math.floor((totalmem() * 0.9) / 2 ** 20) };
}

function neverStarted(): JobResult {
  const now = new Date().toISOString();
  return { is: "killed", why: "aborted", usage: { startedAt: now, endedAt: now, wallSeconds: 0, cpuSeconds: 0 } };
}

function whyLost(started: StartRecord): string {
  if (!started.removed && started.starter.bootId !== bootId()) return "the host was restarted while it ran";
  return "the shell that watched over it was killed";
}
