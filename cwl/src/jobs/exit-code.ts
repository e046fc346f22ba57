import { constants } from "node:os";
import type { Job, JobUsage } from "../job.ts";
import { showMiB } from "./resources.ts";

/** What an exit code says beyond the number: shells add 128 to the number of a signal, and have codes of their own. */
export function meaningOf(code: number, job: Job, usage: JobUsage): string {
  if (code === 126) return ": the command cannot be executed";
  if (code === 127) return ": the command, or one that it calls, was not found";
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  if (signal === undefined) return "";
  const ended = `: ended by ${signal} (signal ${code - 128})`;
  return signal === "SIGKILL" ? `${ended}, as the system does when memory is short; ${memoryOf(job, usage)}` : ended;
}

/** What the job asked for, what it used as far as that is known, and how to ask for more. */
function memoryOf(job: Job, { peakMemoryBytes }: JobUsage): string {
  const used = peakMemoryBytes === undefined ? "" : ` and at most ${showMiB(Math.ceil(peakMemoryBytes / 2 ** 20))} used`;
  return `${showMiB(job.resources.ramMiB)} were asked for${used}, and ramMin of ResourceRequirement asks for more`;
}
