import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/**
 * A small shell that starts commands for us, one at a time, and waits for them.
 *
 * Why a shell between us and a command: (1) it outlives us, so that after `kill -9` of the platform the command goes on
 * and its exit code is written down; (2) it tells the processor time of what it waited for, which Node does not; (3) it
 * joins a control group before the command's first instruction; (4) its fork is cheaper than that of a large Node
 * process: 0.65 ms a command against 0.95 ms, and 0.1 ms of our own processor time against 0.5 ms.
 *
 * It is the leader of a session of its own, so that a signal from the terminal does not reach the commands.
 */
export class Starter {
  readonly pid: number;
  readonly #shell: ChildProcess;
  #answer = "";
  #finish: ((answer: string | undefined) => void) | undefined;

  private constructor(shell: ChildProcess, pid: number) {
    this.#shell = shell;
    this.pid = pid;
    shell.stdout!.setEncoding("latin1").on("data", (text: string) => this.#read(text));
    shell.stdin!.on("error", () => {}); // the shell has been killed: "exit" tells
    shell.on("exit", () => this.#finish?.(undefined));
    this.#keepsUsAlive(false);
  }

  static async start(): Promise<Starter> {
    const shell = spawn("/bin/sh", [], { cwd: "/", detached: true, env: {}, stdio: ["pipe", "pipe", "inherit"] });
    await once(shell, "spawn");
    // `set -C`: `>` never replaces a file, so that a job can be claimed by making one. The shell's own remarks
    // ("Killed") go nowhere; descriptor 3 is for commands whose standard error is ours.
    shell.stdin!.write("set -C\nexec 3>&2 2>/dev/null\nread -r me </proc/self/stat\n");
    return new Starter(shell, shell.pid!);
  }

  get dead(): boolean {
    return this.#shell.exitCode !== null || this.#shell.signalCode !== null;
  }

  /**
   * Has the shell carry out `script` and returns what it printed, which must not hold a line that is just `.`;
   * `undefined` when the shell was killed on the way. One script at a time.
   */
  async run(script: string): Promise<string | undefined> {
    if (this.#finish) throw new Error("this starter is busy");
    if (this.dead) return undefined;
    this.#keepsUsAlive(true);
    const answer = await new Promise<string | undefined>((resolve) => {
      this.#finish = resolve;
      this.#shell.stdin!.write(`${script}\necho .\n`);
    });
    this.#finish = undefined;
    this.#keepsUsAlive(false);
    return answer;
  }

  /** Ends the shell once its script is done. Nobody waits for that any more. */
  end(): void {
    this.#shell.stdin!.end();
    this.#keepsUsAlive(false);
  }

  /** Ends the idle shell and waits until it is gone: what its commands used is then ours, for whoever measures us. */
  async endIdle(): Promise<void> {
    this.end();
    if (this.dead) return;
    this.#shell.ref();
    await once(this.#shell, "exit");
  }

  #read(text: string): void {
    this.#answer += text;
    if (this.#answer !== ".\n" && !this.#answer.endsWith("\n.\n")) return;
    const answer = this.#answer.slice(0, -2);
    this.#answer = "";
    this.#finish?.(answer);
  }

  #keepsUsAlive(busy: boolean): void {
    for (const part of [this.#shell, this.#shell.stdin, this.#shell.stdout] as { ref(): void; unref(): void }[]) {
      if (busy) part.ref();
      else part.unref();
    }
  }
}

/** Starters that wait for work; as many are made as run at once. */
export class StarterPool {
  readonly #idle: Starter[] = [];
  readonly #busy = new Set<Starter>();

  async take(): Promise<Starter> {
    let starter = this.#idle.pop();
    while (starter?.dead) starter = this.#idle.pop();
    starter ??= await Starter.start();
    this.#busy.add(starter);
    return starter;
  }

  giveBack(starter: Starter): void {
    this.#busy.delete(starter);
    if (!starter.dead) this.#idle.push(starter);
  }

  /** Ends the idle shells; those at work end after it, and do not keep this process alive until then. */
  async close(): Promise<void> {
    for (const starter of this.#busy) starter.end();
    await Promise.all(this.#idle.splice(0).map((starter) => starter.endIdle()));
  }
}

/** Seconds of user and system time of the children in one output of the shell's `times` (its second line, `0m1.25s 0m0.50s`). */
export function childSeconds(times: readonly string[]): number {
  const parts = [...(times[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
