import type { JobLine } from "@causeway/contract/client";

/** By what the platform says of the end of a job. */
const ADVICE: readonly [sign: RegExp, advice: string][] = [
  [/memory/i, "give it more memory: raise ramMin in the tool, or choose a larger instance type, and run again."],
  [/time limit/i, "raise the tool's time limit, give it more cores, or split its input."],
  [/disk/i, "give it more room: raise outdirMin or tmpdirMin in the tool, or ask for a larger disk."],
  [/processes|too many files/i, "an operator can raise the limit that the message names."],
  [/image|pull/i, "see that the image's name is right and that this machine can get it."],
  [
    /did not match|glob|output/i,
    "the command ended well but did not leave what the tool promises: compare its outputs' globs with job.tree.log.",
  ],
];

/** By convention of shells. */
const CODES: Readonly<Record<number, string>> = {
  126: "the command is there but may not be run: see its permissions in the image.",
  127: "there is no such command: see the tool's baseCommand and its image.",
  137: "it was killed, most often because memory ran out: give it more, and run again.",
  139: "the program crashed on a memory fault: try another version of it, or a smaller input.",
};

/** What somebody may try with a job that failed, where its end says something about that. */
export function adviceFor({ failure, exit_code }: JobLine): string | undefined {
  const known = exit_code === null ? undefined : CODES[exit_code];
  if (known !== undefined) return known;
  return ADVICE.find(([sign]) => sign.test(failure ?? ""))?.[1];
}
