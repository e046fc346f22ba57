import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { JobSpec } from "../job.ts";
import type { JobWorld } from "./world.ts";

/** Opens the executor in a process of its own, submits the jobs there, and kills that process once `ready`. */
export async function submitAndDie(
  subject: { module: URL; options?: unknown[] },
  world: JobWorld,
  jobs: JobSpec[],
  ready: (count: Record<string, number>) => boolean,
): Promise<void> {
  const program = `
    import { open } from ${JSON.stringify(subject.module.href)};
    const executor = await open(${JSON.stringify(join(world.directory, "records"))}, ...${JSON.stringify(subject.options ?? [])});
    const jobs = ${JSON.stringify(jobs)};
    for (const job of jobs) await executor.submit(job);
    setInterval(async () => {
      const count = {};
      for (const { is } of (await executor.poll(jobs.map((job) => job.id))).values()) count[is] = (count[is] ?? 0) + 1;
      console.log(JSON.stringify(count));
    }, 20);`;
  const platform = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    platform.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (
        text
          .trim()
          .split("\n")
          .some((line) => ready(JSON.parse(line)))
      )
        resolve();
    });
    platform.once("exit", () => reject(new Error("the platform ended by itself")));
  });
  const gone = once(platform, "exit");
  platform.kill("SIGKILL");
  await gone;
}
