import type { IdentifiedJob } from "./identity.ts";
import type { RecordedJob } from "./store.ts";

/** Why a job must run, from the known job that is most like it. */
export function whyNotReused({ key: { parts }, shown: now }: IdentifiedJob, nearest: RecordedJob | undefined): string {
  if (!nearest) return "no job of this tool is known";
  const then = nearest.parts;
  const job = named(nearest);
  if (then.tool !== parts.tool) return `the tool differs from that of ${job}`;
  if (then.image !== parts.image) return `the container image differs from that of ${job}`;
  const ports = Object.keys(parts.inputs).filter((port) => then.inputs[port] !== parts.inputs[port]);
  if (ports.length > 0) {
    const values = ports.map((port) => `${port}: then ${nearest.shown[port]}, now ${now[port]}`).join("; ");
    return `${ports.length > 1 ? "inputs" : "input"} ${ports.join(", ")} ${ports.length > 1 ? "differ" : "differs"} from ${job} (${values})`;
  }
  if (then.resources !== parts.resources) return `the resources, which its expressions look at, differ from those of ${job}`;
  return `what ${job} made is damaged or gone`;
}

/** A job as messages call it. */
export const named = (job: RecordedJob): string => `job ${job.name} of ${job.at.slice(0, 16).replace("T", " ")} UTC`;
