import assert from "node:assert/strict";
import type { World } from "../testing/world.ts";

export const NOBODYS = "6601f0a2c4e5b60012aa0001";
type Json = Record<string, unknown>;

/** Two projects of Ana's. The first: `a.bam`, and `runs/` with `a.bam`, `b.bam`, `deep/c.bam`, `empty/`. */
export async function reef(world: World) {
  const project = await world.project("ana");
  const target = await world.project("ana", "Target");
  const folder = async (name: string, parent: string) =>
    (await world.post("ana", "/files", { name, type: "folder", parent })).body.id as string;
  const file = async (place: string, name: string) => (await world.file("ana", place, name)).id as string;
  const a = await file(project.id, "a.bam");
  const runs = await folder("runs", project.root_folder);
  const [inA, inB] = [await file(runs, "a.bam"), await file(runs, "b.bam")];
  const deep = await folder("deep", runs);
  const c = await file(deep, "c.bam");
  await folder("empty", runs);
  await world.patch("ana", `/files/${c}`, { tags: ["pilot"], metadata: { sample_id: "S1" } });
  return { project, target, a, runs, inA, inB, deep, c, folder, file };
}

/** Submits a file operation and waits for its end. */
export async function run(world: World, user: string, kind: string, items: readonly Json[]) {
  const submitted = await world.post(user, `/async/files/${kind}`, { items });
  assert.equal(submitted.status, 202, JSON.stringify(submitted.body));
  for (;;) {
    const { body } = await world.get(user, submitted.body.href);
    if (body.state === "FINISHED") return body;
  }
}

/** All paths below a folder, sorted; folders end in a slash. */
export async function tree(world: World, folder: string, prefix = ""): Promise<string[]> {
  const { body } = await world.get("ana", `/files?parent=${folder}&limit=100`);
  const paths: string[] = [];
  for (const { id, name, type } of body.items) {
    paths.push(prefix + name + (type === "folder" ? "/" : ""));
    if (type === "folder") paths.push(...(await tree(world, id, `${prefix}${name}/`)));
  }
  return paths.sort();
}

/** What each item was refused with, in the order given; undefined where it was done. */
export const errorsOf = ({ result }: { result: { error?: { code: number } }[] }) => result.map(({ error }) => error?.code);
