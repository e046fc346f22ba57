import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { ContainerEngine } from "../containers/engine.ts";
import { hostSources } from "../containers/host-sources.ts";
import { findPodman } from "../containers/probe.ts";
import type { JobSpec } from "../job.ts";
import { open } from "../testing/in-podman.ts";
import { submitAndDie } from "../testing/platform.ts";
import { packSmallRoot } from "../testing/small-image.ts";
import { JobWorld, processesWith, statusOf, untilOver } from "../testing/world.ts";

const subject = { module: new URL("../testing/in-podman.ts", import.meta.url) };
const IMAGE = "localhost/causeway-test:durable";

describe("jobs in containers outlive the platform, too", () => {
  const images = new JobWorld();
  let podman: ContainerEngine | undefined;

  before(async () => {
    const found = await findPodman({ sources: hostSources, remembers: true });
    if ("unusable" in found) return;
    podman = found;
    await podman.prepare!({ dockerImport: packSmallRoot(images.directory), dockerImageId: IMAGE });
  });
  after(() => {
    if (podman)
      execFileSync("podman", ["rmi", "--force", IMAGE], { env: podman.wrap(images.job(["true"]), image).env, stdio: "pipe" });
    images.remove();
  });
  const image = { reference: IMAGE, digest: "" };
  const inImage = (job: JobSpec): JobSpec => ({ ...job, image: { docker: { dockerImageId: IMAGE }, required: true } });
  const containers = (job: JobSpec) => {
    const { argv, env } = podman!.stop!(job);
    return execFileSync("podman", ["ps", "--all", "--quiet", "--filter", `name=${argv.at(-1)}`], { env, encoding: "utf8" });
  };

  test("one that runs when the platform is killed ends with its code and usage", async (context) => {
    if (!podman) return context.skip("podman cannot be used");
    const world = new JobWorld();
    const job = inImage(world.shell("echo run >>ran; while [ ! -e go ]; do sleep 0.1; done; exit 6"));
    await submitAndDie(subject, world, [job], () => existsSync(join(job.outdir.host, "ran")));
    const executor = await open(join(world.directory, "records"));
    await executor.submit(job);
    assert.equal((await statusOf(executor, job.id)).is, "running");
    writeFileSync(join(job.outdir.host, "go"), "");
    const result = await untilOver(executor, job.id);
    assert.ok(result.is === "exited" && result.code === 6, JSON.stringify(result));
    assert.equal(containers(job), "");
    await executor.close();
    world.remove();
  });

  test("one that runs when the platform is killed can be removed, container and all", async (context) => {
    if (!podman) return context.skip("podman cannot be used");
    const world = new JobWorld();
    const mark = randomUUID();
    const job = inImage(world.shell(`setsid sh -c 'while :; do sleep 1; done' ${mark} & sleep 1000; : ${mark}`));
    await submitAndDie(subject, world, [job], () => processesWith(mark).length > 2);
    const executor = await open(join(world.directory, "records"));
    await executor.remove(job.id);
    assert.deepEqual(processesWith(mark), []);
    assert.equal(containers(job), "");
    const status = await statusOf(executor, job.id);
    assert.ok(status.is === "killed" && status.why === "aborted", JSON.stringify(status));
    await executor.close();
    world.remove();
  });
});
