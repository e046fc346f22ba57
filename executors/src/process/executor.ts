import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ContainerEngine, Image, Probe } from "../containers/engine.ts";
import type { EngineChoice } from "../containers/host-engines.ts";
import { noEngine } from "../containers/none.ts";
import { engineNamed } from "../containers/probe.ts";
import type { Executor } from "../executor.ts";
import { type JobResult, type JobSpec, type JobStatus, refuseOddPaths } from "../job.ts";
import { type ControlGroups, findControlGroups, JobGroup, sweepGroups } from "./cgroup.ts";
import { DiskWatch, fileLimitKiB } from "./disk-usage/disk-watch.ts";
import { isFull, whyFull } from "./disk-usage/free-space.ts";
import { MemorySampler } from "./memory-sampler.ts";
import type { KillNote } from "./outcome.ts";
import { forgetOldJobs, JobRecord, recordedIds, type StartRecord } from "./records.ts";
import { isOver, neverStarted, processesOf, type RecordedJob, settle } from "./settle.ts";
import { becomeCommand } from "./shell.ts";
import { type Reservation, Slots } from "./slots.ts";
import { StarterPool } from "./starter.ts";
import { descendantsOf, killAll } from "./tree.ts";

export interface ProcessExecutorSettings {
  /** Where the records of jobs are kept; a directory of its own, on a local disk. */
  directory: string;
  /** What commands are wrapped in: each job in what is chosen for it when it is started. */
  engines: EngineChoice;
  /** What jobs may reserve together. Default: all cores and nine tenths of the memory of this host. */
  capacity?: Reservation;
  /** Cores beyond these that first jobs of users may get who have none running (see `Slots`). Default: none. */
  firstJobCores?: number;
  /** Whether jobs get control groups, where this process may make them (default). */
  controlGroups?: boolean;
  /**
   * What is to stay free of the disks that jobs write to, in MiB: with less, no job starts, and of those that run the
   * one that has most there is ended. Default: 0.
   */
  keepFreeMiB?: number;
  /** Hears what an operator should know. */
  log?: (message: string) => void;
}

/**
 * Runs jobs as processes of this host.
 *
 * A job is a child of a small shell (see `Starter`) that outlives the platform and writes down how the job ended.
 * What is true about a job is in its record on disk (see `JobRecord`); in memory are only the queue for free cores,
 * timers and what saves reading the disk, all of which `open` builds anew from the records. Linux only: it reads /proc.
 *
 * Under systemd the unit needs `KillMode=process`: otherwise a restart of the service ends the jobs, which are then `lost`.
 */
export class ProcessExecutor implements Executor {
  readonly #directory: string;
  readonly #engines: EngineChoice;
  readonly #groups: ControlGroups | undefined;
  readonly #slots: Slots;
  readonly #pool = new StarterPool();
  /** Jobs whose image is being prepared, with what stops that. */
  readonly #preparing = new Map<string, AbortController>();
  /** Jobs that our own starters run, since when: they tell us of the end, no record need be read before. */
  readonly #running = new Map<string, string>();
  /** Running jobs that an earlier executor started: nobody tells us when they end. */
  readonly #adopted = new Set<string>();
  readonly #settling = new Map<string, Promise<JobResult>>();
  readonly #deadlines = new Map<string, NodeJS.Timeout>();
  /** Where there are no control groups to count. */
  readonly #sampler: MemorySampler | undefined;
  readonly #disk: DiskWatch;
  readonly #keepFreeBytes: number;
  /** Jobs that wait for room on their disk, with that in words. */
  readonly #crowded = new Map<string, string>();
  /** Jobs that no engine of this host can run now, with that in words. They hold no room. */
  readonly #stranded = new Map<string, string>();
  readonly #watch: NodeJS.Timeout;
  readonly #closing = new AbortController();
  readonly #listeners: ((id: string) => void)[] = [];
  readonly #log: (message: string) => void;

  private constructor(settings: ProcessExecutorSettings) {
    this.#directory = settings.directory;
    this.#engines = settings.engines;
    this.#engines.onChange?.(() => this.#tryAgain());
    this.#groups = settings.controlGroups === false ? undefined : findControlGroups();
    if (this.#groups) sweepGroups(this.#groups);
    this.#sampler = this.#groups
      ? undefined
      : new MemorySampler(
          (id, bytes) => this.#record(id).notePeak(bytes),
          (id, excess) => this.#endFor(id, excess),
        );
    this.#keepFreeBytes = (settings.keepFreeMiB ?? 0) * 2 ** 20;
    this.#disk = new DiskWatch(this.#keepFreeBytes, (id, excess) => this.#endFor(id, excess));
    this.#slots = new Slots(settings.capacity ?? hostCapacity(), { beyond: settings.firstJobCores ?? 0 });
    this.#log = settings.log ?? (() => {});
    this.#watch = setInterval(() => void this.#lookAtAdopted(), 1000).unref();
  }

  /** Finds the jobs that are under way, goes on with those that wait, and takes new ones. */
  static async open(settings: ProcessExecutorSettings): Promise<ProcessExecutor> {
    const executor = new ProcessExecutor(settings);
    await mkdir(settings.directory, { recursive: true, mode: 0o700 });
    forgetOldJobs(settings.directory);
    await executor.#goOn();
    return executor;
  }

  async submit(job: JobSpec): Promise<string> {
    refuseOddPaths(job);
    const engine = this.#engines.current(job);
    // Throws when the job is malformed.
    if (!("unusable" in engine) && engine.programs === "host") this.#script({ ...this.#recorded(job), engine });
    if (this.#record(job.id).keep(job)) this.#enqueue(job);
    return job.id;
  }

  async poll(ids: readonly string[]): Promise<Map<string, JobStatus>> {
    return new Map(await Promise.all(ids.map(async (id) => [id, await this.#status(id)] as const)));
  }

  async remove(id: string): Promise<void> {
    const record = this.#record(id);
    const job = record.job();
    if (!job) return;
    if (!record.result()) await this.#kill(job, { why: "aborted" });
    this.#letGo(id);
    record.strip();
  }

  /** The ids of jobs of which more is kept than how they ended: those that nobody has removed. */
  recorded(): string[] {
    return recordedIds(this.#directory).filter((id) => this.#record(id).job() !== undefined);
  }

  onChange(listener: (id: string) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#watch);
    this.#sampler?.close();
    this.#disk.close();
    for (const timer of this.#deadlines.values()) clearTimeout(timer);
    await this.#pool.close();
  }

  /** Takes up what the records of an earlier executor say. */
  async #goOn(): Promise<void> {
    const records = recordedIds(this.#directory).map((id) => this.#record(id));
    const open = records.filter((record) => !record.result()).sort((a, b) => a.submittedAt() - b.submittedAt());
    const waiting: JobSpec[] = [];
    for (const record of open) {
      const [job, started] = [record.job(), record.started()];
      if (job && started) this.#adopt(job, started === "half" ? new Date() : started.at);
      else if (job) waiting.push(job);
    }
    // Only now, when those that run hold their room.
    for (const job of waiting) this.#enqueue(job);
    await this.#lookAtAdopted();
  }

  #adopt(job: JobSpec, since: Date): void {
    this.#slots.occupy(job.id, job.resources, job.share);
    this.#adopted.add(job.id);
    this.#lookAfter(job, since);
  }

  /** Each by itself: a job that cannot be judged now keeps no other one from it, and this executor not from starting. */
  async #lookAtAdopted(): Promise<void> {
    const look = (id: string) =>
      this.#status(id).catch((error: Error) => this.#log(`running job ${id} cannot be looked at: ${error.message}`));
    await Promise.all([...this.#adopted].map(look));
  }

  #enqueue(job: JobSpec): void {
    this.#slots.ask(job.id, job.resources, () => void this.#run(job), job.share);
  }

  /** From a job's turn to its end. Never throws: what keeps a job from starting becomes its status. */
  async #run(job: JobSpec): Promise<void> {
    const engine = await this.#engineFor(job);
    if (!engine) return;
    const recorded = { ...this.#recorded(job), engine };
    try {
      await this.#waitForRoom(recorded);
      const image = await this.#prepare(recorded);
      recorded.group?.make(job.limits ?? {}, job.resources.cores);
      const script = this.#script(recorded, image);
      const starter = await this.#pool.take();
      const now = new Date();
      this.#running.set(job.id, now.toISOString());
      this.#lookAfter(job, now);
      this.#tell(job.id);
      await starter.run(script);
      // A shell that could not write down the end (a full disk) is ended, which makes the job lost.
      if (recorded.record.ended()) this.#pool.giveBack(starter);
      else starter.end();
    } catch (error) {
      const { record } = recorded;
      // Only this executor is at its end: the next one finds the job waiting.
      if (this.#closing.signal.aborted) return;
      if (record.preventStart()) record.keepResult({ is: "lost", why: `could not be started: ${(error as Error).message}` });
    }
    this.#running.delete(job.id);
    try {
      const status = await this.#status(job.id);
      if (status.is === "running")
        this.#adopt(job, new Date(status.since)); // another executor was quicker
      else await recorded.group?.clear(); // it may have been removed before it could start
    } catch (error) {
      this.#log(`the end of job ${job.id} could not be recorded, which is tried again: ${(error as Error).message}`);
      this.#adopt(job, new Date());
    }
  }

  /** Waits while the job's disk has less room than is to stay free. */
  async #waitForRoom({ job, record }: RecordedJob): Promise<void> {
    try {
      for (;;) {
        const full = whyFull(job.outdir.host, this.#keepFreeBytes);
        if (full === undefined || record.result()) return;
        if (!this.#crowded.has(job.id)) this.#tell(job.id);
        this.#crowded.set(job.id, full);
        await wait(ROOM_EVERY_MS, undefined, { signal: this.#closing.signal });
      }
    } finally {
      this.#crowded.delete(job.id);
    }
  }

  /** The engine that the job is to be started in; without one the job gives its room back and waits. */
  async #engineFor(job: JobSpec): Promise<ContainerEngine | undefined> {
    const now = this.#engines.current(job);
    if (!("unusable" in now)) return now;
    this.#stranded.set(job.id, now.unusable);
    this.#slots.release(job.id);
    this.#tell(job.id);
    const found = await this.#engines.choose(job).catch((error: Error): Probe => ({ unusable: error.message }));
    if (!this.#stranded.has(job.id)) return undefined; // it has been removed, or tried again meanwhile
    if ("unusable" in found && found.refused) this.#refuse(job, found.unusable);
    else if ("unusable" in found) this.#stranded.set(job.id, found.unusable);
    else if (this.#stranded.delete(job.id)) this.#enqueue(job);
    this.#tell(job.id);
    return undefined;
  }

  /** Ends the waiting of a job for an engine that is not to be waited for. */
  #refuse(job: JobSpec, why: string): void {
    const record = this.#record(job.id);
    if (record.preventStart()) record.keepResult({ is: "lost", why: `could not be started: ${why}` });
    this.#letGo(job.id);
  }

  /** An engine may be there now: jobs that waited for one get their turn. */
  #tryAgain(): void {
    const ids = [...this.#stranded.keys()];
    this.#stranded.clear();
    for (const id of ids) {
      const job = this.#record(id).job();
      if (job) this.#enqueue(job);
    }
  }

  /** Brings the job's image here, unless the job has been removed meanwhile. */
  async #prepare({ job, record, engine }: RecordedJob): Promise<Image | undefined> {
    if (!job.image || !engine.prepare || record.result()) return undefined;
    const abort = new AbortController();
    this.#preparing.set(job.id, abort);
    this.#tell(job.id);
    try {
      return await engine.prepare(job.image.docker, AbortSignal.any([abort.signal, this.#closing.signal]));
    } finally {
      this.#preparing.delete(job.id);
    }
  }

  /** What the starter is to read. */
  #script({ job, record, engine, group }: RecordedJob, image?: Image): string {
    const command = engine.wrap(job, image, group);
    const body = becomeCommand(command, {
      stdin: job.stdin,
      stdout: job.stdout ?? record.path("stdout"),
      stderr: job.stderr ?? record.path("stderr"),
      cgroupProcs: (!engine.client && group?.procs) || [],
      dataKiB: group || job.limits?.memoryMiB === undefined ? undefined : job.limits.memoryMiB * 1024,
      fileKiB: engine.client ? undefined : fileLimitKiB(job.limits),
    });
    return record.script(body, engine.name);
  }

  async #status(id: string): Promise<JobStatus> {
    const since = this.#running.get(id);
    if (since !== undefined) return { is: "running", since };
    const record = this.#record(id);
    const result = record.result();
    if (result) {
      this.#letGo(id);
      return result;
    }
    const job = record.job();
    if (!job) return { is: "lost", why: "no such job" };
    const started = record.started();
    const stranded = this.#stranded.get(id);
    if (started === undefined && stranded !== undefined) return { is: "waiting", reason: stranded };
    if (started === undefined) this.#enqueue(job);
    if (started === undefined || started === "half") return { is: "waiting", reason: this.#whyWaiting(id) };
    if (!isOver(this.#recorded(job), started)) return { is: "running", since: started.at.toISOString() };
    return this.#settleOnce(job, started);
  }

  #whyWaiting(id: string): string {
    const preparing = this.#preparing.has(id) ? "its image is fetched" : undefined;
    return this.#slots.reason(id) ?? this.#crowded.get(id) ?? preparing ?? "being started";
  }

  async #settleOnce(job: JobSpec, started: StartRecord): Promise<JobResult> {
    let settling = this.#settling.get(job.id);
    if (!settling) {
      settling = settle(this.#recorded(job), started, this.#disk).finally(() => this.#settling.delete(job.id));
      this.#settling.set(job.id, settling);
    }
    const result = await settling;
    this.#letGo(job.id);
    return result;
  }

  /** Returns when the job is over and judged. */
  async #kill(job: JobSpec, note: KillNote): Promise<void> {
    const recorded = this.#recorded(job);
    const { record } = recorded;
    this.#noteKill(record, note);
    this.#preparing.get(job.id)?.abort();
    if (record.preventStart()) return record.keepResult(neverStarted());
    // Until it is over, or somebody else has settled it and stripped its record.
    while (record.job() && !record.result()) {
      const started = record.started();
      if (started && started !== "half") {
        if (isOver(recorded, started)) break;
        await killAll(processesOf(recorded));
      }
      await wait(1); // the shell may only be about to start the command, or to write down its end
    }
    this.#running.delete(job.id);
    await this.#status(job.id);
  }

  /** On a full disk the note is lost, and the job is killed without it: the reason is then read off the disk. */
  #noteKill(record: JobRecord, note: KillNote): void {
    try {
      record.noteKill(note);
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  /** Ends a job that is over a limit. */
  #endFor(id: string, { why, limit }: KillNote): void {
    const job = this.#record(id).job();
    if (!job) return;
    this.#kill(job, { why, ...(limit === undefined ? {} : { limit }) }).catch((error: Error) =>
      this.#log(`job ${id} is over a limit (${why}) and could not be ended, which the next look tries again: ${error.message}`),
    );
  }

  #lookAfter(job: JobSpec, since: Date): void {
    this.#setDeadline(job, since);
    const { record, group } = this.#recorded(job);
    this.#sampler?.watch(job.id, () => record.main(), job.limits);
    this.#disk.watch(job, (table) => (group ? group.processes() : descendantsOf(record.main(), table)));
  }

  #setDeadline(job: JobSpec, since: Date): void {
    if (!job.timeLimitSeconds) return;
    const left = since.getTime() + job.timeLimitSeconds * 1000 - Date.now();
    const onTime = async () => {
      if (left > LONGEST_TIMER) return this.#setDeadline(job, since);
      await this.#kill(job, { why: "time limit", limit: job.timeLimitSeconds! }).catch((error: Error) => {
        this.#log(`job ${job.id} is over its time limit and could not be ended, which is tried again: ${error.message}`);
        this.#deadlines.set(job.id, setTimeout(onTime, 1000).unref());
      });
    };
    this.#deadlines.set(job.id, setTimeout(onTime, Math.min(Math.max(left, 0), LONGEST_TIMER)).unref());
  }

  /** Gives back what is held in memory for a job that has ended. Safe to do again. */
  #letGo(id: string): void {
    clearTimeout(this.#deadlines.get(id));
    this.#deadlines.delete(id);
    this.#adopted.delete(id);
    this.#stranded.delete(id);
    this.#sampler?.forget(id);
    this.#disk.forget(id);
    if (this.#slots.release(id)) this.#tell(id);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  #record(id: string): JobRecord {
    return new JobRecord(this.#directory, id);
  }

  #recorded(job: JobSpec): RecordedJob {
    // Other executors of this host may have jobs of the same id.
    const name = createHash("sha256").update(join(this.#directory, job.id)).digest("hex").slice(0, 24);
    const group = this.#groups && new JobGroup(this.#groups, `job-${name}`);
    const keepFreeBytes = this.#keepFreeBytes;
    const record = this.#record(job.id);
    return { job, record, engine: this.#engineOf(job, record), group, keepFreeBytes };
  }

  /** What the job was started in. */
  #engineOf(job: JobSpec, record: JobRecord): ContainerEngine {
    const started = record.started();
    const name = started && started !== "half" && !started.removed ? started.engine : undefined;
    const current = this.#engines.current(job);
    if (!("unusable" in current) && (name === undefined || current.name === name)) return current;
    return (name && engineNamed(name)) ?? noEngine;
  }
}

const ROOM_EVERY_MS = 1000;
const LONGEST_TIMER = 2 ** 31 - 1;

function hostCapacity(): Reservation {
  return { cores: availableParallelism(), ramMiB: Math.floor((totalmem() * 0.9) / 2 ** 20) };
}
