import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename } from "node:path";

/** A command as the system is to start it: the program and arguments, its whole environment and its working directory. */
export interface Command {
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  /**
   * Text that the command reads on descriptor 9. Arguments can be read by every user of the host; this cannot: what a
   * document says of a job's environment goes this way into the walls.
   */
  secret?: string;
  /** A file that the command reads on descriptor 7: the system calls that its job may not make. */
  filter?: string;
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
  if (command.secret !== undefined) lines.push(open(SECRET, command.secret));
  if (command.filter !== undefined) lines.push(`exec ${FILTER}<${quote(command.filter)}`);
  lines.push(becomeProgram(command.argv, command.env));
  return lines.join("\n");
}

/** The descriptor of a command's `secret`. */
const SECRET = 9;
/** The descriptor of a command's `filter`. */
export const FILTER = 7;

/**
 * POSIX shell text that becomes the program with exactly this environment, which acts from that moment on and not on the
 * shell before it. No value stands on a command line. `node` is where Node is, seen from where the text is read.
 */
export function becomeProgram(argv: readonly string[], env: Record<string, string>, node = process.execPath): string {
  const entries = Object.entries(env);
  for (const [name] of entries) if (name === "" || name.includes("=")) throw new Error(`not an environment name: ${name}`);
  if (hasOddNames(env)) return becomeByNode(argv, env, node);
  const settings = entries.map(([name, value]) => `${name}=${quote(value)}`);
  const words = argv.map(quote).join(" ");
  return `unset PWD OLDPWD\n${settings.length ? `export ${settings.join(" ")}\n` : ""}${becomes(argv[0]!, env)} ${words}`;
}

/** What stands before the words of a command so that the shell becomes it. */
function becomes(program: string, env: Record<string, string>): string {
  // Shells may take what begins with a dash for an option of `exec`. No builtin is called so.
  if (program.startsWith("-")) return "";
  // `env` takes a name with `=` for a variable.
  if (shellIsExact() || program.includes("=")) return "exec";
  const added = SHELL_ADDS.filter((name) => env[name] === undefined);
  return `exec /usr/bin/env ${added.map((name) => `-u ${name}`).join(" ")} --`;
}

/** Whether the environment has entries that shells do not pass on as they are. */
export function hasOddNames(env: Record<string, string>): boolean {
  return Object.keys(env).some((name) => !isPlainName(name) || isShellsOwn(name));
}

/** Whether a shell takes it for the name of a variable. */
export const isPlainName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** Whether one shell or another treats the variable as its own: setting it may fail or is not passed on. */
export const isShellsOwn = (name: string): boolean => SHELL_OWN.test(name);

/** Node passes every name on; it takes 40 ms, and stays until the program has ended. */
function becomeByNode(argv: readonly string[], env: Record<string, string>, node: string): string {
  const words = [node, "-e", RUN_BY_NODE, "--", ...argv].map(quote).join(" ");
  for (const value of Object.values(env)) refuseZero(value);
  return `${open(ENVIRONMENT, JSON.stringify(env))}\nunset PWD OLDPWD\nexec ${words}`;
}

const ENVIRONMENT = 8;
const RUN_BY_NODE = `
  const { closeSync, readFileSync } = require("fs");
  const env = JSON.parse(readFileSync(${ENVIRONMENT}, "utf8"));
  closeSync(${ENVIRONMENT});
  const [program, ...args] = process.argv.slice(1);
  const { error, signal, status } = require("child_process").spawnSync(program, args, { env, stdio: "inherit" });
  if (error) console.error(program + ": " + error.message);
  process.exit(error ? (error.code === "ENOENT" ? 127 : 126) : signal ? 128 + require("os").constants.signals[signal] : status);`;

/** Opens a descriptor on the text: a pipe, or a file without a name, of this process alone. */
function open(descriptor: number, text: string): string {
  refuseZero(text);
  const end = `end-${createHash("sha256").update(text).digest("hex")}`;
  return `exec ${descriptor}<<'${end}'\n${text}\n${end}`;
}

function refuseZero(text: string): void {
  if (text.includes("\0")) throw new Error("a zero byte in a command, an environment value or a path");
}

/** Single quotes, which hold everything but themselves. No text of a process may hold a zero byte. */
export function quote(text: string): string {
  refuseZero(text);
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const SHELL_OWN =
  /^(_|OPT(IND|ARG|ERR)|PPID|LINENO|IFS|S?RANDOM|SECONDS|EPOCH\w+|SHLVL|E?UID|GROUPS|DIRSTACK|FUNCNAME|HISTCMD|PIPESTATUS|SHELLOPTS|BASHOPTS|BASH(_\w+)?|COMP_\w+)$/;

/** What bash adds to the environment of its commands. */
const SHELL_ADDS = ["_", "SHLVL", "PWD", "OLDPWD"];

/** Whether /bin/sh passes on what is exported and nothing of its own (bash adds `_` and SHLVL). */
function shellIsExact(): boolean {
  exactShell ??= ["dash", "busybox"].includes(basename(realpathSync("/bin/sh")));
  return exactShell;
}
let exactShell: boolean | undefined;
