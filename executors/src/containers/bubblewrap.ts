import { existsSync, lstatSync, readlinkSync } from "node:fs";
import type { JobSpec } from "../job.ts";
import { becomeProgram, FILTER, hasOddNames } from "../process/shell.ts";
import { MARK, wrappingMark } from "../process/tree.ts";
import type { ContainerEngine, Probe } from "./engine.ts";
import { HostConfiguration } from "./host-configuration.ts";
import { DAY_MS } from "./probe-memory.ts";
import { ask, askOnce, findProgram, missing, programWatch } from "./program.ts";
import { FILTER_FILE, refusesUserNamespaces } from "./system-calls/filter.ts";

/**
 * bubblewrap: namespaces of its own for every command, on the host's own programs. Some 10 ms of processor time a start, no server, no
 * images, no administrator's rights.
 *
 * The root is an empty tmpfs, into which only the host's programs come, read-only, and the job's directories and mounts.
 * The command is user 1000 without capabilities in namespaces for users, processes, mounts, IPC and (unless
 * `job.network`) the network, and without the system calls that lead past these (`system-calls/filter.ts`); when it ends, or its starter does, the process namespace takes everything in it along.
 *
 * `programs`: further directories of the host with programs (a conda installation), seen under the same path.
 */
function bubblewrap(program: string, version: string, programs: readonly string[]): ContainerEngine {
  const root = rootArguments([...PROGRAMS, ...programs]);
  const configuration = new HostConfiguration();
  const [, major, minor] = version.match(/(\d+)\.(\d+)/) ?? [];
  // Since 0.8 it can be told the size of a file system in memory. It can also keep the command from user namespaces of its
  // own, which open parts of the kernel that are closed otherwise; that costs a second one, and the filter does it as well.
  const isNew = Number(major) > 0 || Number(minor) >= 8;
  const namespaces = isNew && !refusesUserNamespaces(process.arch) ? [...NAMESPACES, "--disable-userns"] : NAMESPACES;
  const isThere = programWatch(program);
  return {
    name: "bubblewrap",
    programs: "host",
    client: false,
    version,
    network: { is: "host" },
    isStillThere: async () => isThere(),
    wrap(job) {
      const node = hasOddNames(job.env) ? ["--ro-bind", process.execPath, NODE] : [];
      return {
        argv: [
          program,
          ...root,
          ...configurationArguments(job, configuration),
          ...memoryDirectories(job.limits, isNew),
          ...namespaces,
          ...["--seccomp", String(FILTER)],
          ...node,
          ...jobArguments(job),
          "--",
          ...FIRST_PROCESS,
        ],
        env: wrappingMark(job),
        cwd: "/",
        filter: FILTER_FILE,
        secret: `exec 9<&-\nunset ${MARK}\n${becomeProgram(job.argv, job.env, NODE)}`,
      };
    },
  };
}

/** bubblewrap as installed on this host, or why it cannot be used. */
export async function findBubblewrap(programs: readonly string[] = []): Promise<Probe> {
  const program = findProgram("bwrap");
  if (program === undefined) return missing("bubblewrap (bwrap)");
  const version = await askOnce(program, ["--version"], {}, DAY_MS);
  if (typeof version !== "string") return version;
  // Kernels and container hosts may forbid user namespaces: only a start tells.
  const start = await ask(program, [...rootArguments(PROGRAMS), ...NAMESPACES, "--", "/bin/sh", "-c", "echo started"], {});
  return typeof start === "string" ? bubblewrap(program, version, programs) : start;
}

/** Where hosts keep programs. What is not there is left out. */
const PROGRAMS = ["/usr", "/opt", "/nix/store"];
/** Before /usr was merged these were directories; now they are links into it. */
const OLD_PROGRAMS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/**
 * The first process of the namespace. bubblewrap's own loses the processor time of the command, adds `PWD` to its
 * environment, and answers 1 when there is no such program; a shell's waits for every orphan, and answers 127. The
 * command and its environment come to it on descriptor 9, once the walls stand.
 */
const FIRST_PROCESS = ["/bin/sh", "-c", "(. /dev/fd/9); exit $?"];
/** Where Node is in the sandbox, for jobs that need it to start. */
const NODE = "/.causeway/node";

/**
 * Read-only: the user of a job is outside what runs the platform. For an administrator the kernel's settings
 * (`/proc/sys/kernel/core_pattern`) are as writable as any file of theirs, without capabilities, too.
 */
const PROCESSES = ["--proc", "/proc", "--remount-ro", "/proc"];

function rootArguments(programs: readonly string[]): string[] {
  const shared = programs.filter((path) => existsSync(path)).flatMap((path) => ["--ro-bind", path, path]);
  const old = OLD_PROGRAMS.flatMap((path) => {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (!entry) return [];
    return entry.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
  });
  return ["--tmpfs", "/", ...shared, ...old, ...PROCESSES, "--dev", "/dev"];
}

function configurationArguments({ outdir, tmpdir, mounts, network }: JobSpec, configuration: HostConfiguration): string[] {
  const own = [outdir.path, tmpdir.path, ...mounts.map(({ target }) => target)].some((path) => path.startsWith("/etc/"));
  return configuration.shown({ network, own }).flatMap(([source, target]) => ["--ro-bind", source, target]);
}

/**
 * Where a command may write besides its own directories: file systems in memory, which count as the job's memory where
 * control groups count it, and cannot become larger than that in any case.
 */
function memoryDirectories(limits: JobSpec["limits"], canSize: boolean): string[] {
  const size = canSize && limits?.memoryMiB !== undefined ? ["--size", String(Math.ceil(limits.memoryMiB) * 2 ** 20)] : [];
  return [...size, "--tmpfs", "/tmp", ...size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"];
}

const NAMESPACES = [
  ...["--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"],
  ...["--as-pid-1", "--die-with-parent", "--new-session"],
];

function jobArguments(job: JobSpec): string[] {
  const own = [job.outdir, job.tmpdir].map(({ host, path }) => ({ source: host, target: path, writable: true }));
  // What is in another comes after it, or would be hidden.
  const mounts = [...own, ...job.mounts].sort((a, b) => a.target.length - b.target.length);
  return [
    ...(job.network ? ["--share-net"] : []),
    ...mounts.flatMap(({ source, target, writable }) => [writable ? "--bind" : "--ro-bind", source, target]),
    // Last, when nothing is to be placed in it any more: the tmpfs that everything hangs in.
    ...["--remount-ro", "/", "--chdir", job.outdir.path],
  ];
}
