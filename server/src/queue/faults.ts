import { Counter, type Registry } from "prom-client";
import { keptText } from "../db/kept-text.ts";

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** An outage is not counted as a try, and is asked about again so often. */
export const OUTAGE_PAUSE_MS = 10_000;

/** How long work rests after its `faults`-th fault of the platform in a row, in milliseconds: 2, 8, 32, 128, 300 seconds. */
export const pauseAfter = (faults: number): number => Math.min(FIRST_PAUSE_MS * 4 ** (faults - 1), LONGEST_PAUSE_MS);

/** How often work of one kind could not be done through no fault of its own. */
export class FaultCounts {
  readonly #counts = { outage: 0, platform: 0 };

  add(kind: "outage" | "platform"): void {
    this.#counts[kind]++;
  }

  /** Shows operators the counts in `/metrics`. */
  measure(registry: Registry, name: string, what: string): void {
    const counts = this.#counts;
    new Counter({
      name,
      help: `Times that ${what} through no fault of its own: for a fault of the platform, or an outage.`,
      labelNames: ["kind"],
      registers: [registry],
      collect() {
        this.reset();
        for (const [kind, count] of Object.entries(counts)) this.inc({ kind }, count);
      },
    });
  }
}

/** What went wrong, for people and for the database, which takes no zero byte. */
export function faultText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return keptText(text).slice(0, 2000);
}
