import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type JobSpec, ProcessRunner } from "@causeway/executors";
import { withinCapacity } from "./capacity.ts";

function jobIn(directory: string, id: string, resources: JobSpec["resources"]): JobSpec {
  const place = (name: string) => {
    const host = join(directory, id, name);
    mkdirSync(host, { recursive: true });
    return { host, path: host };
  };
  const streams = { stdout: join(directory, `${id}.out`), stderr: join(directory, `${id}.err`) };
  const [outdir, tmpdir] = [place("out"), place("tmp")];
  return { id, name: id, argv: ["/bin/true"], env: {}, outdir, tmpdir, mounts: [], ...streams, resources, network: false };
}

test("commands wait for the cores and the memory they ask for; one that asks for more than there is runs alone", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "agent-capacity-"));
  const processes = new ProcessRunner();
  t.after(async () => {
    await processes.close();
    rmSync(directory, { recursive: true });
  });
  let running = 0;
  const together: number[] = [];
  const run = withinCapacity(
    async (job, signal) => {
      together.push(++running);
      try {
        return await processes.run(job, signal);
      } finally {
        running--;
      }
    },
    { cores: 3, ramMiB: 1000 },
  );
  const runAll = async (kind: string, resources: JobSpec["resources"]) => {
    together.length = 0;
    const { signal } = new AbortController();
    const jobs = Array.from({ length: 12 }, (_, index) => jobIn(directory, `${kind}-${index}`, resources));
    const ends = await Promise.all(jobs.map((job) => run(job, signal)));
    assert.ok(ends.every((end) => end.is === "exited" && end.code === 0));
    return Math.max(...together);
  };
  assert.equal(await runAll("small", { cores: 1, ramMiB: 1 }), 3);
  assert.equal(await runAll("hungry", { cores: 1, ramMiB: 500 }), 2);
  assert.equal(await runAll("huge", { cores: 64, ramMiB: 1 }), 1);
});
