import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Owner } from "./embedded-cluster.ts";

/**
 * Reads lines: `guard PID` names the server, `kill` ends it and all its processes at once, `done` says that it has
 * ended. When the lines end without `done`, whoever wrote them is gone: the server gets PostgreSQL's fast shutdown, and
 * after 8 seconds SIGKILL. A number that now belongs to another program is left alone.
 */
const SCRIPT = `
pid=
arguments() {
  if [ -d /proc/self ]; then tr '\\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null; else ps -o args= -p "$pid" 2>/dev/null; fi
}
runs() { [ -n "$pid" ] && arguments | grep -qF -- "-D $0"; }
kill_all() {
  runs || return
  children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
  kill -KILL "$pid" $children
}
while read -r word number; do
  case $word in
    guard) pid=$number ;;
    kill) kill_all ;;
    done) exit 0 ;;
  esac
done
runs || exit 0
kill -INT "$pid"
waited=0
while [ $waited -lt 80 ]; do
  runs || exit 0
  sleep 0.1
  waited=$((waited + 1))
done
kill_all
`;

/** Ends an embedded server when this process is gone, however it went. */
export interface Guard {
  /** From now on this is the server. */
  watch(pid: number): void;
  /** Ends all processes of the server at once. */
  kill(): void;
  /** The server has ended: nothing is left to guard. */
  dismiss(): Promise<void>;
}

/** A small shell that waits for this process to end. It runs as the server's user, whose processes it may end. */
export function startGuard(cluster: string, owner: Owner): Guard {
  const shell: ChildProcess = spawn("/bin/sh", ["-c", SCRIPT, cluster], {
    ...owner,
    cwd: "/",
    // A Ctrl-C is for us: the shell must outlive us.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: process.env.PATH },
  });
  shell.unref();
  const ended = once(shell, "exit").catch(() => {});
  const lines = shell.stdin!;
  (lines as typeof lines & { unref(): void }).unref();
  // One that was ended by somebody guards no more: the server is stopped by us all the same.
  lines.on("error", () => {});
  return {
    watch: (pid) => void lines.write(`guard ${pid}\n`),
    kill: () => void lines.write("kill\n"),
    async dismiss() {
      // From here on it is waited for, also when nothing else is left to do.
      shell.ref();
      lines.end("done\n");
      if (shell.exitCode === null && shell.signalCode === null && shell.pid !== undefined) await ended;
    },
  };
}
