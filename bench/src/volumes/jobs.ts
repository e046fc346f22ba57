import type { Platform } from "../platform.ts";

const ASK_EVERY_MS = 20;

/** Waits for an import or export. @throws Error when it fails */
export async function untilEnded(call: Platform["call"], path: string): Promise<void> {
  for (;;) {
    const job = await call("GET", path);
    if (job.state === "FAILED") throw new Error(JSON.stringify(job.error));
    if (job.state === "COMPLETED") return;
    await new Promise((wake) => setTimeout(wake, ASK_EVERY_MS));
  }
}
