import { type SharePath, ShareTree } from "@causeway/executors";

/** Tasks of one user in one project that wait or are driven: those of one batch, or those that are in none. */
export interface TaskQueue {
  /** Null: of a project for which nobody pays. */
  group: string | null;
  project: string;
  user: string;
  /** The batch. Null: tasks that are in none. */
  batch: string | null;
  /** How many wait; beyond some number nobody counts. */
  waiting: number;
  /** Since when the first of them waits. */
  since: Date | null;
  /** How many workers drive, here and elsewhere. */
  driven: number;
  /** How many are driven here. */
  here: number;
  /** How many of those have no job that runs. */
  idleHere: number;
  weights: { group: number; project: number; user: number };
}

/** What decides whose turn is next: a queue with how many of it wait, since when, and how many are driven, or run. */
export type WaitingShare = Pick<TaskQueue, "group" | "project" | "user" | "batch" | "waiting" | "since" | "driven" | "weights">;

/** A task that waits, itself or with its jobs: in which queue, and how many of that come earlier. */
export interface QueuedTask {
  id: string;
  queue: Pick<TaskQueue, "project" | "user" | "batch">;
  earlier: number;
}

export interface DispatchSettings {
  /** Tasks that are driven here at once, before anybody's share of that is looked at. */
  tasksAtOnce: number;
  /** Tasks of one user in one project that are driven here although none of their jobs runs. */
  ahead: number;
}

/** Whose share a task takes from, from the outside in. `unit` is what shares among what one user has in one project. */
export const sharePath = (
  { group, project, user, weights }: Pick<TaskQueue, "group" | "project" | "user" | "weights">,
  unit: string,
): SharePath => [
  { id: `group ${group}`, weight: weights.group },
  { id: `project ${project}`, weight: weights.project },
  { id: `user ${user}`, weight: weights.user },
  { id: unit, weight: 1 },
];

/** Of the places for driven tasks, what shares may have together when those who came first hold all of them. */
const MOST_BEYOND = 4;

/**
 * From which queues the next tasks are driven here, the first first: those of whoever has the fewest driven tasks for
 * the weight, group before project before user.
 *
 * Driving waits for jobs most of its time and costs memory only. So (1) nobody's tasks are begun with long before their
 * jobs can run, and a user's first tasks end before the last ones begin; (2) a group, or a user, with fewer driven tasks
 * than its share of `tasksAtOnce` gets more although all places are taken: whoever came first may hold them for days.
 */
export function nextTasks(queues: readonly TaskQueue[], settings: DispatchSettings, atMost: number): TaskQueue[] {
  const open = queues.map((queue) => ({
    queue,
    path: sharePath(queue, queue.batch ?? "single"),
    left: queue.waiting,
    user: `${queue.project} ${queue.user}`,
  }));
  open.sort((a, b) => timeOf(a.queue) - timeOf(b.queue));
  const tree = new ShareTree(() => 0);
  const places = new Places(queues, settings);
  for (const { queue, path } of open) {
    if (queue.waiting > 0) tree.wait(path, 1);
    tree.use(path, queue.driven);
  }
  const chosen: TaskQueue[] = [];
  while (chosen.length < atMost) {
    const waiting = open.filter(({ queue, left }) => left > 0 && places.hasRoomFor(queue));
    if (waiting.length === 0) break;
    const next = waiting.reduce((best, each) => (tree.compare(each.path, best.path) < 0 ? each : best));
    next.left -= 1;
    tree.use(next.path, 1);
    places.take(next.queue);
    chosen.push(next.queue);
  }
  return chosen;
}

const timeOf = ({ since }: TaskQueue): number => since?.getTime() ?? Number.POSITIVE_INFINITY;

/** The places for driven tasks in this process. */
class Places {
  readonly #settings: DispatchSettings;
  readonly #here = new Map<string, number>();
  readonly #idle = new Map<string, number>();
  readonly #parts: ReturnType<typeof partsOf>;

  constructor(queues: readonly TaskQueue[], settings: DispatchSettings) {
    this.#settings = settings;
    this.#parts = partsOf(queues);
    for (const queue of queues) this.#add(queue, queue.here, queue.idleHere);
  }

  hasRoomFor(queue: TaskQueue): boolean {
    const { tasksAtOnce, ahead } = this.#settings;
    const { group, user } = keysOf(queue);
    const held = (key: string) => this.#here.get(key) ?? 0;
    if ((this.#idle.get(user) ?? 0) >= ahead) return false;
    if (held(ALL) < tasksAtOnce) return true;
    if (held(ALL) >= tasksAtOnce * MOST_BEYOND) return false;
    const ofGroup = Math.max(1, tasksAtOnce * this.#parts.group.get(group)!);
    return held(group) + 1 <= ofGroup || held(user) + 1 <= tasksAtOnce * this.#parts.user.get(user)!;
  }

  take(queue: TaskQueue): void {
    this.#add(queue, 1, 1);
  }

  #add(queue: TaskQueue, here: number, idle: number): void {
    const { group, user } = keysOf(queue);
    for (const key of [ALL, group, user]) this.#here.set(key, (this.#here.get(key) ?? 0) + here);
    this.#idle.set(user, (this.#idle.get(user) ?? 0) + idle);
  }
}

const ALL = "all";

const keysOf = ({ group, project, user }: Pick<TaskQueue, "group" | "project" | "user">) => ({
  group: `group ${group}`,
  project: `project ${project}`,
  user: `user ${project} ${user}`,
});

/**
 * What part of everything, from 0 to 1, is a group's, a user's in a project, and a queue's: weights divide what a group has
 * among its projects, what a project has among its users, and those have it in equal parts for their queues.
 */
export function partsOf<Queue extends Pick<TaskQueue, "group" | "project" | "user" | "batch" | "weights">>(
  queues: readonly Queue[],
) {
  const root = new Part(1);
  const leaves = queues.map((queue) => {
    const { group, project, user } = keysOf(queue);
    const ofGroup = root.child(group, queue.weights.group);
    const ofUser = ofGroup.child(project, queue.weights.project).child(user, queue.weights.user);
    return { queue, group, user, ofGroup, ofUser, ofQueue: ofUser.child(queue.batch ?? "single", 1) };
  });
  root.divide(1);
  return {
    group: new Map(leaves.map(({ group, ofGroup }) => [group, ofGroup.part])),
    user: new Map(leaves.map(({ user, ofUser }) => [user, ofUser.part])),
    queue: new Map(leaves.map(({ queue, ofQueue }) => [queue, ofQueue.part])),
  };
}

class Part {
  readonly #weight: number;
  readonly #children = new Map<string, Part>();
  part = 0;

  constructor(weight: number) {
    this.#weight = weight;
  }

  child(key: string, weight: number): Part {
    const known = this.#children.get(key) ?? new Part(weight);
    this.#children.set(key, known);
    return known;
  }

  divide(part: number): void {
    this.part = part;
    let sum = 0;
    for (const child of this.#children.values()) sum += child.#weight;
    for (const child of this.#children.values()) child.divide((part * child.#weight) / sum);
  }
}
