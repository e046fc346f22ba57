import { realpathSync } from "node:fs";
import { basename } from "node:path";

/** A command as the system is to start it: the program and arguments, its whole environment and its working directory. */
export interface Command {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
}

/** What surrounds a command: files on this host for its streams, and the control group it joins before it starts. */
export interface Surroundings {
  stdin?: string;
  /** Absent: the standard error of this process. */
  stdout?: string;
  stderr?: string;
  /** `cgroup.procs` files to join. */
  cgroupProcs: readonly string[];
  /** A limit on the data of each process, for hosts without control groups. */
  dataKiB?: number;
  /** A limit on each file that is written. */
  fileKiB?: number | undefined;
}

/**
 * POSIX shell text that becomes the command, within the subshell it is read in. Descriptor 3 of the shell is the
 * standard error of this process.
 */
export function becomeCommand(command: Command, around: Surroundings): string {
  const lines = around.cgroupProcs.map((file) => `echo 0 >|${quote(file)} || exit 126`);
  // When the whole host runs out of memory, a job goes before the platform does.
  lines.push("echo 500 >|/proc/self/oom_score_adj");
  lines.push(around.stderr === undefined ? "exec 2>&3" : `exec 2>|${quote(around.stderr)}`);
  const stdoutIsStderr = around.stdout === undefined || around.stdout === around.stderr;
  lines.push(stdoutIsStderr ? "exec 1>&2" : `exec >|${quote(around.stdout!)}`);
  lines.push(`exec <${quote(around.stdin ?? "/dev/null")} 3>&-`);
  if (around.dataKiB !== undefined) lines.push(`ulimit -d ${Math.ceil(around.dataKiB)}`);
  // In the units of POSIX: 512 bytes.
  if (around.fileKiB !== undefined) lines.push(`ulimit -f ${Math.ceil(around.fileKiB) * 2}`);
  lines.push(`cd ${quote(command.cwd)} || exit 126`, `set +C`);
  lines.push(`${environment(command.env)} ${command.argv.map(quote).join(" ")}`);
  return lines.join("\n");
}

/** Single quotes, which hold everything but themselves. No text of a process may hold a zero byte. */
export function quote(text: string): string {
  if (text.includes("\0")) throw new Error("a zero byte in a command, an environment value or a path");
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Sets exactly `env` and ends in the word that starts the program. */
function environment(env: Record<string, string>): string {
  const entries = Object.entries(env);
  if (shellIsExact() && !entries.some(([name]) => shellLoses(name))) {
    const settings = entries.map(([name, value]) => `${name}=${quote(value)}`);
    return `unset PWD OLDPWD\n${settings.length ? `export ${settings.join(" ")}\n` : ""}exec`;
  }
  for (const [name] of entries) if (name === "" || name.includes("=")) throw new Error(`not an environment name: ${name}`);
  return `exec /usr/bin/env -i -- ${entries.map(([name, value]) => quote(`${name}=${value}`)).join(" ")}`;
}

/** Whether a shell does not pass on an environment entry of this name as it is. */
export function shellLoses(name: string): boolean {
  return !PLAIN_NAME.test(name) || SHELL_OWN.has(name);
}

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that shells treat as their own: setting them may fail or is not passed on. */
const SHELL_OWN = new Set(["OPTIND", "PPID", "LINENO", "IFS", "_", "RANDOM", "SECONDS"]);

/** Whether /bin/sh passes on what is exported and nothing of its own (bash adds `_` and SHLVL). */
function shellIsExact(): boolean {
  exactShell ??= ["dash", "busybox"].includes(basename(realpathSync("/bin/sh")));
  return exactShell;
}
let exactShell: boolean | undefined;
