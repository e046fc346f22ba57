import { holds, type InstanceType, type Room } from "../../billing/instances.ts";
import type { AskedDisk, AskedInstance, InstanceRequest } from "./instance-request.ts";

/** An instance of a task while it is paid for. Its jobs share it. */
export interface RunningInstance {
  readonly id: string;
  readonly type: InstanceType;
  readonly disk: AskedDisk | null;
  readonly free: Room;
  readonly isIdle: boolean;
}

/** A job that is ready and has no instance yet. */
export interface ReadyJob {
  readonly name: string;
  /** No more than `fresh` has. */
  readonly need: Room;
  readonly request: InstanceRequest;
  /** What is taken for it when it fits nowhere. */
  readonly fresh: AskedInstance;
}

export type InstanceDecision =
  | { do: "join"; job: string; instance: string }
  | { do: "start"; job: string; asked: AskedInstance }
  | { do: "release"; instance: string };

/**
 * What to do next about the instances of one task (execution-hints.md §1): jobs whose instance is the dearest come first;
 * each goes to the first running instance that is suitable and has room; for one that fits nowhere an instance is taken, in
 * the place of an idle one when there are as many as there may be. An instance without jobs is given back; the last one
 * stays for what may come next.
 *
 * Decides about one job at a time: what it answers is carried out, then it is asked again, until it answers nothing.
 */
export function nextPlacement(
  ready: readonly ReadyJob[],
  running: readonly RunningInstance[],
  atMost: number,
): InstanceDecision | undefined {
  const idle = running.filter(({ isIdle }) => isIdle);
  for (const job of ready) {
    const instance = running.find((each) => isSuitable(each, job.request) && holds(each.free, job.need));
    if (instance) return { do: "join", job: job.name, instance: instance.id };
    if (running.length < atMost) return { do: "start", job: job.name, asked: job.fresh };
    if (idle[0]) return { do: "release", instance: idle[0].id };
  }
  const spare = idle.length === running.length ? idle[1] : idle[0];
  return spare && { do: "release", instance: spare.id };
}

/** Where a job belongs among those that are ready: behind those whose instance costs as much or more. */
export const placeAmong = (ready: readonly ReadyJob[], job: ReadyJob): number =>
  ready.findLastIndex(({ fresh }) => fresh.type.hourly >= job.fresh.type.hourly) + 1;

function isSuitable({ type, disk }: RunningInstance, request: InstanceRequest): boolean {
  if (request.length === 0) return true;
  return request.some((asked) => asked.type.name === type.name && (asked.disk === null || isLike(asked.disk, disk)));
}

const isLike = (asked: AskedDisk, disk: AskedDisk | null): boolean =>
  disk !== null && disk.type === asked.type && disk.gb >= asked.gb;
