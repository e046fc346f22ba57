import { quantile } from "../http-load.ts";

/** What came of the requests: how long each took, by kind of work, and what was refused. */
export class Record {
  readonly #times = new Map<string, number[]>();
  readonly #errors = new Map<string, number>();
  requests = 0;
  errors = 0;

  answered(kind: string, milliseconds: number): void {
    this.requests++;
    const times = this.#times.get(kind) ?? [];
    times.push(milliseconds);
    this.#times.set(kind, times);
  }

  failed(kind: string, why: string): void {
    this.requests++;
    this.errors++;
    const key = `${kind}: ${why}`;
    this.#errors.set(key, (this.#errors.get(key) ?? 0) + 1);
  }

  print(): void {
    console.log("\n| kind | requests | p50 ms | p99 ms |\n| --- | --- | --- | --- |");
    for (const [kind, times] of this.#times)
      console.log(`| ${kind} | ${times.length} | ${quantile(times, 0.5).toFixed(1)} | ${quantile(times, 0.99).toFixed(1)} |`);
    console.log("");
    for (const [error, times] of this.#errors) console.log(`error, ${times} times: ${error}`);
  }
}
