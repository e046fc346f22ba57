import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type ContainerEngine, ImageUnavailable } from "../containers/engine.ts";
import type { ImageRequirement, JobResult, JobSpec } from "../job.ts";
import { codeOf, type JobWorld } from "./world.ts";

/** The image that jobs of the tests run in. */
export const IMAGE = "localhost/causeway-test:small";
const SAVED = "localhost/causeway-test:saved";

interface ImageSuite {
  story(sentence: string, tell: (engine: ContainerEngine) => Promise<void>, only: ContainerEngine["programs"]): void;
  world: JobWorld;
  job(argv: string[], more?: Partial<JobSpec>): JobSpec;
  run(job: JobSpec): Promise<JobResult>;
  image(): ImageRequirement;
  /** Of the images that the tests have made. */
  references: string[];
}

/** What an engine with images must do with them. */
export function testImages({ story, world, job, run, image, references }: ImageSuite): void {
  story(
    "an image is taken from a Dockerfile, with its entry point and environment, and saved ones are loaded, where the engine can",
    async (engine) => {
      await engine.prepare!(image());
      if (engine.name === "apptainer" || engine.name === "singularity") {
        await assert.rejects(engine.prepare!({ dockerFile: `FROM ${IMAGE}` }), /cannot build from a Dockerfile/);
        return;
      }
      const dockerFile = `FROM ${IMAGE}\nENV FROM_IMAGE=yes\nRUN echo built > /built\nENTRYPOINT ["sh", "-c"]\n`;
      const built = job(["cat /built; echo $FROM_IMAGE"], { image: { docker: { dockerFile }, required: true } });
      assert.equal(codeOf(await run(built)), 0, world.stderr(built));
      assert.equal(world.stdout(built), "built\nyes\n");
      references.push((await engine.prepare!({ dockerFile })).reference);
      const saved = saveAndForget(engine, world, built);
      references.push(SAVED);
      const loaded = job(["true"], { image: { docker: { dockerLoad: saved, dockerImageId: SAVED }, required: true } });
      assert.equal(codeOf(await run(loaded)), 0, world.stderr(loaded));
    },
    "image",
  );

  story(
    "an image on this host is used without a registry; one that cannot be had is named",
    async (engine) => {
      const { reference, digest } = await engine.prepare!(image());
      assert.match(digest, /^sha256:[0-9a-f]{64}$/);
      const local = await engine.prepare!({ dockerPull: reference });
      assert.equal(local.digest, digest);
      const missing = { dockerPull: "localhost:1/no/such:image" };
      await assert.rejects(
        engine.prepare!(missing),
        (error: Error) => error instanceof ImageUnavailable && /no\/such/.test(error.message),
      );
      await assert.rejects(engine.prepare!({ dockerLoad: "/no/such.tar" }), /no\/such\.tar cannot be read/);
    },
    "image",
  );
}

/** Saves the image under another name into an archive and removes that name. */
function saveAndForget(engine: ContainerEngine, world: JobWorld, job: JobSpec): string {
  const { env } = engine.stop!(job);
  const archive = join(world.directory, "saved.tar");
  const run = (...args: string[]) => execFileSync(engine.name, args, { env, stdio: "pipe" });
  run("tag", IMAGE, SAVED);
  run("save", "--output", archive, SAVED);
  run("rmi", SAVED);
  return archive;
}

/** Removes all images that the tests have made. */
export async function removeImages(engine: ContainerEngine, image: ImageRequirement, references: string[], job: JobSpec) {
  const { reference } = await engine.prepare!(image);
  if (engine.name === "docker" || engine.name === "podman") {
    const { env } = engine.stop!(job);
    execFileSync(engine.name, ["rmi", "--force", ...references], { env, stdio: "pipe" });
  } else for (const path of [reference, `${reference}.sha256`]) rmSync(path, { recursive: true });
}
