import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobShare } from "../job.ts";
import { Slots } from "./slots.ts";

/** A machine whose clock goes forward only when it is told to, and whose jobs are named after their users. */
function machine(cores: number, { beyond = 0, ramMiB = 1000 } = {}) {
  let seconds = 0;
  let asked = 0;
  const running: string[] = [];
  const started: string[] = [];
  const slots = new Slots({ cores, ramMiB }, { beyond, now: () => seconds });
  return {
    slots,
    running,
    started,
    ask(share: JobShare, count = 1, claim = { cores: 1, ramMiB: 1 }) {
      for (let n = 0; n < count; n++) {
        const id = `${share.user ?? share.path.map(({ id }) => id).join("/")} ${++asked}`;
        slots.ask(id, claim, () => void (running.push(id) && started.push(id)), share);
      }
    },
    /** Lets the job that has run longest end. */
    end(after = 0, which = 0) {
      seconds += after;
      const [id] = running.splice(which, 1);
      slots.release(id!);
    },
    /** How often jobs of each user were started from the nth on. */
    counts(from = 0): Record<string, number> {
      const counts: Record<string, number> = {};
      for (const id of started.slice(from)) counts[id.split(" ")[0]!] = (counts[id.split(" ")[0]!] ?? 0) + 1;
      return counts;
    },
    pass(by: number) {
      seconds += by;
    },
  };
}

const share = (group: string, { project = "p", user = group, weight = 1, task = "t", userWeight = 1 } = {}): JobShare => ({
  path: [
    { id: group, weight },
    { id: `${group}/${project}`, weight: 1 },
    { id: user, weight: userWeight },
    { id: task, weight: 1 },
  ],
  user,
});

test("a user's job is the next behind any number of another's", () => {
  const { ask, end, started } = machine(1);
  ask(share("a"), 300);
  ask(share("b"));
  end(1);
  assert.match(started.at(-1)!, /^b/);
});

test("two who ask for all share the cores evenly, by time and not by jobs", () => {
  const { ask, end, running, counts } = machine(1);
  ask(share("long"), 50);
  ask(share("short"), 500);
  for (let n = 0; n < 220; n++) end(running[0]!.startsWith("long") ? 10 : 1);
  const { long, short } = counts();
  assert.ok(short! / long! > 8 && short! / long! < 12, `${short} short ones, ${long} long ones`);
});

test("who was away has no more coming than the others", () => {
  const { ask, end, counts, pass } = machine(1);
  ask(share("a"), 100);
  for (let n = 0; n < 20; n++) end(1);
  pass(1000);
  ask(share("b"), 100);
  for (let n = 0; n < 40; n++) end(1);
  const { a, b } = counts(21);
  assert.ok(Math.abs(a! - b!) <= 1, `${a} and ${b}`);
});

test("weights decide between groups, and between users of a project", () => {
  const groups = machine(4);
  groups.ask(share("a", { weight: 3 }), 100);
  groups.ask(share("b"), 100);
  for (let n = 0; n < 40; n++) groups.end(1);
  const { a, b } = groups.counts(20);
  assert.ok(a! / b! > 2.4 && a! / b! < 3.6, `${a} and ${b}`);

  const users = machine(1);
  users.ask(share("g", { user: "mira", userWeight: 0.5 }), 100);
  users.ask(share("g", { user: "tom" }), 100);
  for (let n = 0; n < 60; n++) users.end(1);
  const { mira, tom } = users.counts();
  assert.ok(tom! / mira! > 1.6 && tom! / mira! < 2.4, `${tom} and ${mira}`);
});

test("many projects, users or tasks of one group are together worth as much as another group's one", () => {
  const { ask, end, started } = machine(2);
  for (let n = 0; n < 30; n++) ask(share("a", { project: `p${n}`, user: `a${n}`, task: `t${n}` }), 10);
  ask(share("b"), 100);
  for (let n = 0; n < 60; n++) end(1);
  const ofB = started.slice(2).filter((id) => id.startsWith("b")).length;
  assert.ok(ofB >= 28 && ofB <= 32, `${ofB} of 60`);
});

test("a user's own small task does not wait for all jobs of an earlier one, and older tasks of one path come first", () => {
  const { ask, end, started } = machine(1);
  ask(share("a", { task: "workflow" }), 300);
  ask(share("a", { user: "a", task: "small" }));
  end(1);
  assert.equal(started.at(-1), "a 301");

  const batch = machine(1);
  batch.ask({ ...share("a"), order: 2 }, 3);
  batch.ask({ ...share("a"), order: 1 });
  batch.end(1);
  assert.equal(batch.started.at(-1), "a 4");
});

test("a large job is not starved by small ones of others, whether they are many or long", () => {
  const many = machine(2);
  many.ask(share("a"), 200);
  many.ask(share("large"), 1, { cores: 2, ramMiB: 1 });
  for (let n = 0; n < 30; n++) many.end(0.1);
  assert.ok(many.started.some((id) => id.startsWith("large")));

  const long = machine(2);
  long.ask(share("a"), 200);
  long.ask(share("large"), 1, { cores: 2, ramMiB: 1 });
  for (let n = 0; n < 4; n++) long.end(40);
  assert.ok(long.started.some((id) => id.startsWith("large")));
});

test("a user with nothing running gets a first job started where no core is free, and one only", () => {
  const { slots, ask, started, end, running } = machine(2, { beyond: 1 });
  ask(share("a"), 10);
  ask(share("b"), 5);
  ask(share("c"));
  assert.deepEqual(started.map((id) => id[0]).join(""), "aab", "the third user finds no core beyond either");
  assert.equal(slots.reason("c 16"), "no free core");
  end(1);
  assert.equal(running.length, 3, "the core that a gave back counts as b's now, and c has the one beyond");
  assert.match(started.at(-1)!, /^c/);
  end(1);
  assert.deepEqual(running.map((id) => id[0]).join(""), "bca", "now c has the other core, and a the one beyond");
});

test("a first job waits for memory as any other", () => {
  const { ask, started } = machine(2, { beyond: 2, ramMiB: 100 });
  ask(share("a"), 2, { cores: 1, ramMiB: 45 });
  ask(share("b"), 1, { cores: 1, ramMiB: 20 });
  ask(share("c"), 1, { cores: 1, ramMiB: 10 });
  assert.deepEqual(started.map((id) => id[0]).join(""), "aac");
});

test("projects of one user are not several users", () => {
  const { ask, started } = machine(1, { beyond: 4 });
  ask(share("other"));
  for (let n = 0; n < 10; n++) ask(share("a", { project: `p${n}` }));
  assert.equal(started.length, 2);
});

test("fractions of cores that are given back make whole ones", () => {
  const { slots, ask, started, end } = machine(1);
  for (let n = 0; n < 3; n++) ask({ path: [] }, 1, { cores: 0.1, ramMiB: 1 });
  ask({ path: [] }, 1, { cores: 0.7, ramMiB: 1 });
  for (let n = 0; n < 4; n++) end();
  ask({ path: [] }, 1, { cores: 1, ramMiB: 1 });
  assert.equal(started.length, 5, slots.reason(" 5"));
});

test("ten thousand waiting jobs are given out in little work for each", () => {
  const { ask, end, started } = machine(2);
  ask(share("a"), 10_000);
  for (let n = 0; n < 100; n++) ask(share(`u${n}`), 10);
  for (let n = 0; n < 10_998; n++) end(1);
  assert.equal(started.length, 11_000);
});
