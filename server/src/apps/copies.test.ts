import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

const TOOL = { cwlVersion: "v1.2", class: "CommandLineTool", baseCommand: "true", inputs: [], outputs: [] };

/** Mirela's app `star` with so many revisions, and a project of Ben's, who may copy hers. */
async function starOf(world: World, revisions: number) {
  const { id } = await world.project("mirela", "Reef");
  await world.token("ben");
  await world.post("mirela", `/projects/${id}/members`, { username: "ben", permissions: { copy: true } });
  const star = `${id}/star`;
  for (let revision = 0; revision < revisions; revision++) await revise(world, "mirela", star, revision);
  return { star, ours: (await world.project("ben", "Lab")).id as string };
}

const revise = (world: World, user: string, app: string, revision: number) =>
  world.post(user, `/apps/${app}/${revision}/raw`, {
    ...TOOL,
    label: "STAR",
    "sbg:revisionNotes": `note ${revision} of ${user}`,
  });

const notesOf = (raw: { "sbg:revisionsInfo": Record<string, unknown>[] }) =>
  raw["sbg:revisionsInfo"].map((entry) => entry["sbg:revisionNotes"]);

test(
  "a copy has the whole history or one revision, as its strategy says, and is the copier's",
  withWorld(async (world) => {
    const { star, ours } = await starOf(world, 3);
    const copy = async (body: object, from = star) => (await world.post("ben", `/apps/${from}/actions/copy`, body)).body;

    const whole = await copy({ project: ours, name: null });
    assert.equal(whole.id, `${ours}/star/2`);
    assert.equal(whole.name, "STAR");
    assert.deepEqual(notesOf(whole.raw), ["note 0 of mirela", "note 1 of mirela", "note 2 of mirela"]);
    assert.equal(whole.raw["sbg:copyOf"], `${star}/2`);
    assert.deepEqual(whole.raw["sbg:contributors"], ["ben"]);

    for (const strategy of ["direct", "TRANSIENT"]) {
      const one = await copy({ project: ours, name: `${strategy} of Star!`, strategy });
      assert.equal(one.id, `${ours}/${strategy.toLowerCase()}ofstar/0`);
      assert.deepEqual(notesOf(one.raw), [`Copy of ${star}/2`]);
    }
    const older = await copy({ project: ours, name: "older" }, `${star}/1`);
    assert.equal(older.revision, 0);
    assert.equal(older.raw["sbg:copyOf"], `${star}/1`);
    assert.deepEqual(notesOf(older.raw), [`Copy of ${star}/1`]);
  }),
);

test(
  "a copy takes the updates of its upstream and keeps its own revisions",
  withWorld(async (world) => {
    const { star, ours } = await starOf(world, 1);
    const { body: copied } = await world.post("ben", `/apps/${star}/actions/copy`, { project: ours, strategy: "direct" });
    const same = await world.post("ben", `/apps/${ours}/star/actions/sync`, null);
    assert.deepEqual(same.body, copied);

    await revise(world, "ben", `${ours}/star`, 1);
    await revise(world, "mirela", star, 1);
    await revise(world, "mirela", star, 2);
    const { status, body } = await world.post("ben", `/apps/${ours}/star/1/actions/sync`, {});
    assert.equal(status, 200);
    assert.equal(body.revision, 3);
    assert.equal(body.raw["sbg:copyOf"], `${star}/2`);
    assert.deepEqual(notesOf(body.raw), [`Copy of ${star}/0`, "note 1 of ben", "note 1 of mirela", "note 2 of mirela"]);
  }),
);

test(
  "a copy of a copy follows the original or the copy, as its strategy says",
  withWorld(async (world) => {
    const { star, ours } = await starOf(world, 2);
    await world.post("ben", `/apps/${star}/actions/copy`, { project: ours });
    const again = (strategy: string) =>
      world.post("ben", `/apps/${ours}/star/actions/copy`, { project: ours, name: strategy, strategy });
    for (const strategy of ["clone", "transient", "direct", "clone_direct"]) await again(strategy);
    await revise(world, "mirela", star, 2);
    await revise(world, "ben", `${ours}/star`, 2);

    const latestNote = async (strategy: string) => {
      const { body } = await world.post("ben", `/apps/${ours}/${strategy}/actions/sync`);
      return [body.raw["sbg:copyOf"], notesOf(body.raw).at(-1), body.revision];
    };
    assert.deepEqual(await latestNote("clone"), [`${star}/2`, "note 2 of mirela", 2]);
    assert.deepEqual(await latestNote("transient"), [`${star}/2`, "note 2 of mirela", 1]);
    assert.deepEqual(await latestNote("clone_direct"), [`${ours}/star/2`, "note 2 of ben", 2]);
    assert.deepEqual(await latestNote("direct"), [`${ours}/star/2`, "note 2 of ben", 1]);
  }),
);

test(
  "a copy that cannot be made is refused with its own code, and nothing is there",
  withWorld(async (world) => {
    const { star, ours } = await starOf(world, 1);
    const code = async (body: unknown, from = star) => (await world.post("ben", `/apps/${from}/actions/copy`, body)).body.code;
    const missing = await world.post("ben", `/apps/${star}/actions/copy`, {});
    assert.deepEqual([missing.body.code, missing.body.message], [6009, "Source project must not be null or an empty string."]);
    assert.equal(await code({ project: "" }), 6009);
    assert.equal(await code({ project: "nowhere" }), 3012);
    assert.equal(await code({ project: "ben/nothing" }), 3002);
    assert.equal(await code({ project: star.replace("/star", "") }), 3001);
    assert.equal(await code({ project: ours, name: "!?" }), 6004);
    assert.equal(await code({ project: ours, name: "2031" }), 6011);
    assert.equal(await code({ project: ours, strategy: "steal" }), 90000);
    assert.equal(await code({ project: ours }, `${star}x`), 6002);
    assert.equal(await code({ project: ours }, `${star}/7`), 6002);
    assert.equal(await code({ project: ours }, star.replace("star", "")), 6010);
    assert.equal((await world.get("ben", `/apps?project=${ours}`)).headers.get("x-total-matching-query"), "0");

    assert.equal(await code({ project: ours }), undefined);
    assert.equal(await code({ project: ours }), 6003);
    assert.equal((await world.post("mirela", `/apps/${star}/actions/sync`)).body.code, 90000);
    await world.delete("mirela", `/projects/${star.replace("/star", "")}`);
    assert.equal((await world.post("ben", `/apps/${ours}/star/actions/sync`)).body.code, 6002);
  }),
);
