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

/** Aborts every task of the user's that runs, so that no process outlives the test. */
export async function abortAll(world: World, user: string): Promise<void> {
  for (const status of ["QUEUED", "RUNNING"]) {
    const { body } = await world.get(user, `/tasks?status=${status}&limit=100`);
    for (const { id } of body.items) {
      await world.post(user, `/tasks/${id}/actions/abort`);
      await ended(world, user, id);
    }
  }
}
