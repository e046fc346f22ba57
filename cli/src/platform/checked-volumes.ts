import type { CheckedVolume } from "@causeway/contract";

/** Which volumes of the platform that runs here work; undefined where none runs, or it is somebody else's. */
export async function lookAtVolumes(): Promise<readonly CheckedVolume[] | undefined> {
  const { openSession } = await import("../connection/session.ts");
  try {
    return (await openSession({}).operator.checkVolumes()).volumes;
  } catch {
    return undefined; // No platform, or no administrator's token: nothing can be said, and nothing is wrong.
  }
}
