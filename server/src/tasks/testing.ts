import type { World } from "../testing/world.ts";

/** The task when it has ended; asks again until then. */
// biome-ignore lint/suspicious/noExplicitAny: see Answer.
export async function ended(world: World, user: string, taskId: string): Promise<any> {
  for (;;) {
    const { body } = await world.get(user, `/tasks/${taskId}`);
    if (["COMPLETED", "FAILED", "ABORTED"].includes(body.status)) return body;
    await new Promise((wake) => setTimeout(wake, 25));
  }
}
