import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { bootId } from "../process/processes.ts";

/**
 * What a program of this host answered a while ago, in a file of this user: asking costs up to half a second of
 * processor time, and commands that live for a second ask the same again and again. An answer belongs to the program as
 * it is now, to the question, and to this boot.
 */
export class ProbeMemory<Answer> {
  readonly #file: string;

  /** @param question everything that the answer depends on */
  constructor(program: string, question: unknown) {
    const { mtimeMs, size } = statSync(program);
    const sign = JSON.stringify([program, question, mtimeMs, size, bootId(), process.getuid!()]);
    const directory = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", "engines");
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#file = join(directory, `${createHash("sha256").update(sign).digest("hex").slice(0, 24)}.json`);
  }

  /** The answer, unless it is older than `lifetimeMs` says of it. */
  read(lifetimeMs: (answer: Answer) => number): Answer | undefined {
    const age = Date.now() - (statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > DAY_MS) return undefined;
    const answer = JSON.parse(readFileSync(this.#file, "utf8")) as Answer;
    return age < lifetimeMs(answer) ? answer : undefined;
  }

  write(answer: Answer): void {
    // By another name first: another process may read it at this moment.
    const draft = `${this.#file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(answer), { mode: 0o600 });
    renameSync(draft, this.#file);
  }
}

/** Lifetimes of answers. */
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
