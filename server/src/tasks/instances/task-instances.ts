import { randomBytes } from "node:crypto";
import type { CommandLineTool, Job } from "@causeway/cwl";
import { JobError } from "@causeway/cwl";
import type { Logger } from "pino";
import { cheapestFor, holds, type InstanceType, providerOf, type Room } from "../../billing/instances.ts";
import { hourlyPrice, type PriceList } from "../../billing/prices.ts";
import type { Database } from "../../db/database.ts";
import type { AskedDisk, AskedInstance, InstanceRequests } from "./instance-request.ts";
import { nextPlacement, placeAmong, type ReadyJob, type RunningInstance } from "./placement.ts";
import { heldInstances, insertInstance, releaseInstances } from "./queries.ts";

export interface TaskInstancesDeps {
  db: Database;
  taskId: string;
  wishes: InstanceRequests;
  prices: PriceList;
  isInterruptible: boolean;
  /** What jobs run on here: a task that names no instance shall not be held back by one that is smaller. */
  machine: Room;
  /** The disk of an instance for which none is asked: all of the machine's own, in GB. */
  ownDiskGb: number;
  log: Logger;
}

/** A place that was asked for: on an instance already, or when there is room. */
export interface InstanceOffer {
  isWaiting: boolean;
  /** The id of the instance, once it is recorded. Rejects with the signal's reason, or with a fault of the database. */
  instance: Promise<string>;
}

/**
 * The instances of one task: reservations of a size and a price, within which its jobs run on whatever machines there are.
 * What is taken and given back is in the database at once; `open` finds it there after a crash.
 */
export class TaskInstances {
  readonly #deps: TaskInstancesDeps;
  readonly #running: HeldInstance[];
  readonly #ready: WaitingJob[] = [];
  /** What is taken and given back is written in this order, so that there are never more than there may be. */
  #written: Promise<void> = Promise.resolve();

  private constructor(deps: TaskInstancesDeps, running: HeldInstance[]) {
    this.#deps = deps;
    this.#running = running;
  }

  /** @param isNew nobody has driven the task before, so that nothing of it can be there. */
  static async open(deps: TaskInstancesDeps, isNew: boolean): Promise<TaskInstances> {
    const rows = isNew ? [] : await heldInstances(deps.db, deps.taskId);
    const held = rows.map(({ id, type, cpus, memory_mib, hourly, disk_type, disk_gb, jobs }) => {
      const size = { name: type, cpus, memoryMib: memory_mib, hourly: Number(hourly) };
      const instance = new HeldInstance(id, size, { type: disk_type, gb: disk_gb }, Promise.resolve());
      for (const { name, resources } of jobs) instance.add(name, least(roomFor(resources), size));
      return instance;
    });
    return new TaskInstances(deps, held);
  }

  /**
   * Finds the job a place on an instance.
   *
   * @throws JobError when it needs more than the instance has that its task or app names
   */
  place(job: Pick<Job, "name" | "resources">, tool: CommandLineTool, signal: AbortSignal): InstanceOffer {
    signal.throwIfAborted();
    const request = this.#deps.wishes.of(tool);
    const need = roomFor(job.resources);
    const fresh = request.find(({ type }) => holds(type, need)) ?? this.#chosen(request, need);
    const { promise: instance, resolve, reject } = Promise.withResolvers<string>();
    const onAbort = () => {
      this.#forget(waiting);
      reject(signal.reason);
    };
    const placed = (recorded: Promise<string>) => {
      signal.removeEventListener("abort", onAbort);
      recorded.then(resolve, reject);
    };
    const waiting: WaitingJob = { name: job.name, need: least(need, fresh.type), request, fresh, placed };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#ready.splice(placeAmong(this.#ready, waiting), 0, waiting);
    this.#settle();
    return { isWaiting: this.#ready.includes(waiting), instance };
  }

  /**
   * The job's command has ended, or nobody knows what became of it: then its instance is given back, so that it is tried
   * again on another, unless other jobs show that it is alive. Nothing happens for a job that is on no instance.
   */
  leave(name: string, isLost: boolean): void {
    const instance = this.#running.find((each) => each.remove(name));
    if (!instance) return;
    if (isLost && instance.isIdle) this.#release(instance.id);
    this.#settle();
  }

  /** The most that a job may ask for: what the largest type has, or this machine, where that is larger. */
  get most(): Room {
    const { prices, machine } = this.#deps;
    const all = [machine, ...prices.instances];
    return { cpus: Math.max(...all.map(({ cpus }) => cpus)), memoryMib: Math.max(...all.map(({ memoryMib }) => memoryMib)) };
  }

  /** What an instance of the task has; undefined when it was given back. */
  sizeOf(id: string): { memoryMib: number; diskGb: number } | undefined {
    const instance = this.#running.find((each) => each.id === id);
    return instance && { memoryMib: instance.type.memoryMib, diskGb: instance.disk.gb };
  }

  #chosen(request: readonly AskedInstance[], need: Room): AskedInstance {
    const { prices, machine } = this.#deps;
    if (request.length === 0) return { type: cheapestFor(need, prices.instances, machine), disk: null };
    const named = request.map(({ type }) => `${type.name} has ${roomText(type)}`).join(", ");
    throw new JobError("command", "", `it needs ${roomText(need)}, and ${named}`);
  }

  #settle(): void {
    for (;;) {
      const next = nextPlacement(this.#ready, this.#running, this.#deps.wishes.atMost);
      if (next === undefined) return;
      if (next.do === "release") this.#release(next.instance);
      else {
        const job = this.#ready.find(({ name }) => name === next.job)!;
        this.#forget(job);
        const instance = next.do === "join" ? this.#running.find(({ id }) => id === next.instance)! : this.#start(next.asked);
        instance.add(job.name, job.need);
        job.placed(instance.recorded.then(() => instance.id));
      }
    }
  }

  #start({ type, disk }: AskedInstance): HeldInstance {
    const { db, taskId, prices, isInterruptible, ownDiskGb } = this.#deps;
    const id = `i-${randomBytes(8).toString("hex")}`;
    const price = hourlyPrice(type, { diskGb: disk?.gb ?? 0, isInterruptible }, prices);
    const given = disk ?? { type: "local", gb: ownDiskGb };
    const row = {
      id,
      type: type.name,
      provider: providerOf(type.name),
      cpus: type.cpus,
      memoryMib: type.memoryMib,
      disk: given,
      hourly: price.computation,
      diskHourly: price.disk,
    };
    const recorded = this.#written.then(() => insertInstance(db, taskId, row));
    this.#written = recorded.catch(() => {}); // Whoever waits for the instance hears of it.
    const instance = new HeldInstance(id, type, given, recorded);
    this.#running.push(instance);
    return instance;
  }

  #release(id: string): void {
    const place = this.#running.findIndex((each) => each.id === id);
    this.#running.splice(place, 1);
    const { db, taskId, log } = this.#deps;
    const released = this.#written.then(() => releaseInstances(db, taskId, id));
    // The end of the task gives back what stays taken here.
    this.#written = released.catch((error) => log.warn({ err: error, task: taskId }, "an instance was not given back"));
  }

  #forget(job: WaitingJob): void {
    const place = this.#ready.indexOf(job);
    if (place >= 0) this.#ready.splice(place, 1);
  }
}

interface WaitingJob extends ReadyJob {
  /** Called once, with the id of the instance when that is recorded. */
  placed(instance: Promise<string>): void;
}

class HeldInstance implements RunningInstance {
  readonly id: string;
  readonly type: InstanceType;
  readonly disk: AskedDisk;
  /** Settles when the database knows of it. */
  readonly recorded: Promise<void>;
  readonly free: { cpus: number; memoryMib: number };
  /** What each job on it needs, by its name. */
  readonly #jobs = new Map<string, Room>();

  constructor(id: string, type: InstanceType, disk: AskedDisk, recorded: Promise<void>) {
    this.id = id;
    this.type = type;
    this.disk = disk;
    this.recorded = recorded;
    this.free = { cpus: type.cpus, memoryMib: type.memoryMib };
  }

  get isIdle(): boolean {
    return this.#jobs.size === 0;
  }

  add(name: string, need: Room): void {
    this.#jobs.set(name, need);
    this.free.cpus -= need.cpus;
    this.free.memoryMib -= need.memoryMib;
  }

  /** Answers whether the job was on it. */
  remove(name: string): boolean {
    const need = this.#jobs.get(name);
    if (!need) return false;
    this.#jobs.delete(name);
    this.free.cpus += need.cpus;
    this.free.memoryMib += need.memoryMib;
    return true;
  }
}

/** Whole cores, one at least (execution-hints.md §3). */
const roomFor = ({ cores, ramMiB }: { cores: number; ramMiB: number }): Room => ({
  cpus: Math.max(1, Math.ceil(cores)),
  memoryMib: Math.ceil(ramMiB),
});

const least = (need: Room, has: Room): Room => ({
  cpus: Math.min(need.cpus, has.cpus),
  memoryMib: Math.min(need.memoryMib, has.memoryMib),
});

const roomText = ({ cpus, memoryMib }: Room): string => `${cpus} ${cpus === 1 ? "core" : "cores"} and ${memoryMib} MiB`;
