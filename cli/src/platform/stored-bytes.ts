import type { StoredBytes } from "@causeway/contract/client";
import { size } from "../output/output.ts";

/** What is known of the bytes of the platform that runs here, in words; undefined where none runs, or it is somebody else's. */
export async function lookAtStoredBytes(): Promise<{ isGood: boolean; found: string; advice?: string } | undefined> {
  const { openSession } = await import("../connection/session.ts");
  let state: StoredBytes;
  try {
    state = await openSession({}).operator.getStoredBytes();
  } catch {
    return undefined; // No platform, or no administrator's token: nothing can be said, and nothing is wrong.
  }
  const { last, current, damaged } = state;
  const read = last
    ? `all ${last.blobs} files (${size(last.bytes)}) were read by ${last.finished}`
    : current
      ? `the first reading of all files is under way (${size(current.bytes)} so far)`
      : "not read yet since the platform was made";
  if (damaged === 0) return { isGood: true, found: `${read}; none is damaged` };
  const names = state.blobs.flatMap(({ key, files }) => (files[0] ? [`${files[0].project}/${files[0].name} (${key})`] : [key]));
  return {
    isGood: false,
    found: `${damaged} files are damaged or missing: ${names.slice(0, 5).join(", ")}${damaged > 5 ? ", …" : ""}; ${read}`,
    advice: "Bring their bytes back from a backup (files/blobs/KEY's first two characters/KEY); docs/operating.md says how.",
  };
}
