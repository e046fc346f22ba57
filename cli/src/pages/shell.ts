import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

/** A shell that a test types commands into, one after the other, as a reader of a page does. */
export class Shell {
  readonly #process: ChildProcess;
  #output = "";
  #heard = () => {};

  constructor(directory: string, environment: Readonly<Record<string, string>>) {
    this.#process = spawn("bash", ["--noprofile", "--norc"], {
      cwd: directory,
      env: environment,
      stdio: ["pipe", "pipe", "inherit"],
      detached: true, // a group of its own, for close()
    });
    this.#process.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
      this.#heard();
    });
  }

  /**
   * Types one command and waits for its end. `output` is standard output and standard error as they came.
   * @throws Error when it has not ended after two minutes
   */
  async run(command: string): Promise<{ code: number; output: string }> {
    const end = `end-of-command-${Math.random().toString(36).slice(2)}`;
    this.#output = "";
    this.#process.stdin!.write(`{ ${command}\n} </dev/null 2>&1\nended=$?; echo; echo ${end} $ended\n`);
    const pattern = new RegExp(`\\n${end} (\\d+)\\n`);
    const deadline = Date.now() + 120_000;
    while (!pattern.test(this.#output)) {
      if (this.#process.exitCode !== null || Date.now() > deadline)
        throw new Error(`has not ended, or ended the shell: ${command}\n${this.#output}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
        setTimeout(resolve, 1000);
      });
    }
    const [whole, code] = pattern.exec(this.#output)!;
    return { code: Number(code), output: this.#output.slice(0, this.#output.indexOf(whole)) };
  }

  /**
   * Ends what still runs in the background, then the shell. A signal to npx alone leaves what it started running: the whole
   * group of the shell gets it, as with Ctrl-C, and has to be gone.
   */
  async close(): Promise<void> {
    const group = -this.#process.pid!;
    this.#process.stdin!.end("trap : TERM; wait\n");
    while (signals(group, "SIGTERM")) await pause(200);
  }
}

/** Whether there is a process (or, of a negative id, a group) that gets the signal. */
function signals(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    return false;
  }
}
