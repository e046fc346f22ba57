import { Transform, type TransformCallback } from "node:stream";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

type Failed = Extract<TestEvent, { type: "test:fail" }>["data"];
type Summary = Extract<TestEvent, { type: "test:summary" }>["data"];

/** How many tests of a run or file failed, were cancelled among them; 1 if only a hook failed. */
export function failures({ counts, success }: Summary): number {
  const failed = counts.tests - counts.passed - counts.skipped - counts.todo;
  return failed === 0 && !success ? 1 : failed;
}

/** The closing line that machines read: `12 passed, 0 failed`, and `, 1 skipped` if any was. */
export function plainSummary(counts: { passed: number; failed: number; skipped: number }): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/**
 * Reports a test run in one line a file, then every failure in full, then node's own summary.
 * A stream of node:test events in, text out. What a test file prints is shown only if the file fails.
 */
export class FileLines extends Transform {
  readonly #failures: string[] = [];
  readonly #summary: string[] = [];
  /** Names of the tests that are open in a file, outermost first: events of one file come in tree order. */
  readonly #open = new Map<string, string[]>();
  /** What a file printed, by its relative path. */
  readonly #printed = new Map<string, string>();

  constructor() {
    super({ writableObjectMode: true });
  }

  override _transform(event: TestEvent, _encoding: BufferEncoding, done: TransformCallback): void {
    done(null, this.#lineFor(event));
  }

  override _flush(done: TransformCallback): void {
    done(null, ["", ...this.#failures, ...this.#summary, ""].join("\n"));
  }

  #lineFor(event: TestEvent): string {
    switch (event.type) {
      case "test:start": {
        const { file = "", nesting, name } = event.data;
        this.#open.set(file, [...(this.#open.get(file) ?? []).slice(0, nesting), name]);
        return "";
      }
      case "test:stdout":
      case "test:stderr": {
        const file = relativePath(event.data.file);
        this.#printed.set(file, (this.#printed.get(file) ?? "") + event.data.message);
        return "";
      }
      case "test:pass":
        return isWholeFile(event.data) ? `✖ ${event.data.name}  no test in it\n` : "";
      case "test:fail":
        this.#failures.push(...this.#describe(event.data));
        return isWholeFile(event.data) ? `✖ ${event.data.name}  could not be run\n` : "";
      case "test:summary":
        return event.data.file === undefined ? "" : this.#fileLine(event.data.file, event.data);
      case "test:diagnostic":
        if (event.data.file === undefined && event.data.nesting === 0) this.#summary.push(`ℹ ${event.data.message}`);
        return "";
      default:
        return "";
    }
  }

  #describe(failed: Failed): string[] {
    const { error } = failed.details;
    // A suite that fails only because a test in it failed has nothing to add.
    if ("failureType" in error && error.failureType === "subtestsFailed") return [];
    const path = [...(this.#open.get(failed.file ?? "") ?? []).slice(0, failed.nesting), failed.name].join(" › ");
    const place = failed.file ? `  ${relativePath(failed.file)}:${failed.line ?? 1}\n` : "";
    const why = isWholeFile(failed) ? (this.#printed.get(failed.name) ?? "") : inspect(error.cause ?? error);
    return [`✖ ${path}\n${place}${indent(withoutRunnerFrames(why))}\n`];
  }

  #fileLine(file: string, summary: Summary): string {
    const { counts, duration_ms } = summary;
    const path = relativePath(file);
    const failed = failures(summary);
    const seconds = `${(duration_ms / 1000).toFixed(1)} s`;
    const tests = counts.tests === 1 ? "1 test" : `${counts.tests} tests`;
    if (failed === 0) return `✔ ${path}  ${tests}  ${seconds}\n`;
    const printed = this.#printed.get(path);
    if (printed) this.#failures.push(`Printed by ${path}:\n${indent(printed)}\n`);
    return `✖ ${path}  ${tests}, ${failed} failed  ${seconds}\n`;
  }
}

/** node reports a file itself as a test: a passed one when nothing was tested in it, a failed one when it cannot be run. */
export const isWholeFile = (test: { name: string; nesting: number; file?: string | undefined }) =>
  test.nesting === 0 && test.file !== undefined && relativePath(test.file) === test.name;

const relativePath = (file: string) => file.replace(`${process.cwd()}/`, "");

const withoutRunnerFrames = (text: string) => text.replace(/^ +at .*node:(internal\/|async_hooks).*[^{]\n/gm, "");

const indent = (text: string) => text.trimEnd().replace(/^(?=.)/gm, "  ");
