import assert from "node:assert/strict";
import { test } from "node:test";
import { tasksBefore } from "./before.ts";
import { nextTasks, type TaskQueue } from "./choice.ts";

const SETTINGS = { tasksAtOnce: 10, ahead: 1000 };

/** A queue of `group/project/user`, or with a batch after that. */
function queue(
  name: string,
  waiting: number,
  given: { driven?: number; idle?: number; since?: number; weight?: number } = {},
): TaskQueue {
  const { driven = 0, since = 0, weight = 1 } = given;
  const [group, project, user, batch] = name.split("/");
  return {
    group: group!,
    project: `${group}/${project}`,
    user: user!,
    batch: batch ?? null,
    waiting,
    since: waiting > 0 ? new Date(since) : null,
    driven,
    here: driven,
    idleHere: given.idle ?? driven,
    weights: { group: weight, project: 1, user: 1 },
  };
}

const names = (chosen: readonly TaskQueue[]) =>
  chosen.map(({ group, project, user, batch }) => [group, project.split("/")[1], user, batch].filter(Boolean).join("/"));
const count = (chosen: readonly TaskQueue[], group: string) => chosen.filter((each) => each.group === group).length;

test("groups come first, then projects, then users, then batches and the tasks that are in none", () => {
  const queues = [
    queue("a/p/u", 5),
    queue("a/p/u/batch", 5, { since: 1 }),
    queue("a/p/v", 5, { since: 2 }),
    queue("a/q/u", 5, { since: 3 }),
    queue("b/p/w", 5, { since: 4 }),
  ];
  assert.deepEqual(names(nextTasks(queues, SETTINGS, 8)), [
    "a/p/u",
    "b/p/w",
    "a/q/u",
    "b/p/w",
    "a/p/v",
    "b/p/w",
    "a/q/u",
    "b/p/w",
  ]);
});

test("what is driven already counts, by weight", () => {
  const queues = [queue("a/p/u", 20, { driven: 4 }), queue("b/p/v", 20, { since: 1 })];
  assert.deepEqual(count(nextTasks(queues, SETTINGS, 4), "b"), 4);
  const weighted = [queue("a/p/u", 20, { weight: 3 }), queue("b/p/v", 20, { since: 1 })];
  assert.equal(count(nextTasks(weighted, SETTINGS, 8), "a"), 6);
});

test("splitting tasks over projects, users and batches brings a group no more", () => {
  const split = Array.from({ length: 40 }, (_, n) => queue(`a/p${n % 8}/u${n % 5}/b${n}`, 10));
  const chosen = nextTasks([...split, queue("b/p/v", 100, { since: 9 })], { tasksAtOnce: 100, ahead: 1000 }, 40);
  assert.equal(count(chosen, "b"), 20);
});

test("whoever has less than a share of the places gets more although all are taken, and nobody takes them all", () => {
  const full = queue("a/p/u", 50, { driven: 10 });
  assert.equal(nextTasks([full], SETTINGS, 50).length, 0);
  assert.deepEqual(count(nextTasks([full, queue("b/p/v", 50)], SETTINGS, 50), "b"), 5);
  assert.equal(nextTasks([full, queue("a/p/v", 50)], SETTINGS, 50).length, 5, "of one group, too");
  assert.equal(nextTasks([full, queue("a/p/u/batch", 50)], SETTINGS, 50).length, 0, "not by batches of the same user");
  const many = Array.from({ length: 100 }, (_, n) => queue(`g${n}/p/u`, 10));
  assert.equal(nextTasks([full, ...many], SETTINGS, 1000).length, 30, "four times the places at most");
});

test("tasks whose jobs cannot run yet are not begun with beyond some", () => {
  const settings = { tasksAtOnce: 100, ahead: 3 };
  assert.equal(nextTasks([queue("a/p/u", 50)], settings, 50).length, 3);
  assert.equal(nextTasks([queue("a/p/u", 50, { driven: 20, idle: 1 })], settings, 50).length, 2);
  assert.equal(nextTasks([queue("a/p/u", 50, { driven: 3 }), queue("a/p/u/batch", 5)], settings, 50).length, 0);
});

test("a thousand queues are chosen from in little work", () => {
  const queues = Array.from({ length: 1000 }, (_, n) => queue(`g${n % 30}/p${n % 100}/u${n}`, 1000));
  assert.equal(nextTasks(queues, { tasksAtOnce: 100, ahead: 8 }, 20).length, 20);
});

test("how many tasks are before one follows from whose turn it is", () => {
  const before = (earlier: number, queues: TaskQueue[]) => {
    const { project, user, batch } = queues[0]!;
    return tasksBefore([{ id: "t", queue: { project, user, batch }, earlier }], queues).get("t");
  };
  assert.equal(before(7, [queue("a/p/u", 8)]), 7);
  assert.equal(before(0, [queue("a/p/u", 1), queue("b/p/v", 300, { driven: 8 })]), 0, "others have more already");
  assert.equal(before(3, [queue("a/p/u", 4), queue("b/p/v", 300)]), 6);
  assert.equal(before(3, [queue("a/p/u", 4), queue("b/p/v", 2)]), 5);
  assert.equal(before(4, [queue("a/p/u", 4), queue("a/p/v", 300), queue("b/p/w", 300)]), 4 + 4 + 8);
  const older = [queue("a/p/v", 300), queue("a/p/w", 300, { driven: 1 })];
  assert.equal(before(0, [queue("a/p/u", 1, { since: 1 }), ...older]), 1, "of two that have equally little the older");
  assert.equal(before(1, [queue("a/p/u", 2, { since: 1 }), ...older]), 1 + 2 + 1);
});
