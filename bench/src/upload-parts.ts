import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";

const MiB = 1024 * 1024;

/** What is uploaded: `total` bytes in parts of 32 MiB, four at a time, as sevenbridges-python sends them (uploads.md §8.1). */
export const PART_SIZE = 32 * MiB;
export const AT_ONCE = 4;
/** Bytes in a chunk, as they come from a socket. */
const CHUNK = 64 * 1024;

const CONTENT = randomBytes(PART_SIZE);

/** One part's body, in chunks. */
export function body(): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < PART_SIZE; at += CHUNK) yield CONTENT.subarray(at, at + CHUNK);
    })(),
    { objectMode: false, highWaterMark: 1 },
  );
}

/** Runs `send` for the part numbers 1 to `count`, a few at once. Returns seconds. */
export async function sendAll(count: number, send: (number: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 1;
  const lane = async () => {
    while (next <= count) await send(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return (performance.now() - started) / 1000;
}

export interface Round {
  ours: number;
  floor: number;
}

/** Prints what was measured, in MiB/s, and the ratio to the floor: the median of the rounds' own ratios. */
export function report(what: string, totalMiB: number, rounds: Round[], goal: number): void {
  const ratios = rounds.map(({ ours, floor }) => floor / ours).sort((a, b) => a - b);
  const ratio = ratios[Math.floor(ratios.length / 2)]!;
  const speed = (seconds: number[]) => seconds.map((second) => Math.round(totalMiB / second)).join(" ");
  console.log(`${what}: ours ${speed(rounds.map((round) => round.ours))} MiB/s`);
  console.log(`${" ".repeat(what.length)}  floor ${speed(rounds.map((round) => round.floor))} MiB/s`);
  console.log(`${" ".repeat(what.length)}  ratio ${ratio.toFixed(2)} (goal ${goal}) ${ratio >= goal ? "ok" : "MISSED"}`);
}
