import { execFile } from "node:child_process";
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { JobSpec } from "../job.ts";
import { shellLoses } from "../process/shell.ts";
import type { ContainerEngine, Probe } from "./engine.ts";

/**
 * bubblewrap: namespaces of its own for every command, on the host's own programs. About 7 ms a start, no server, no
 * images, no administrator's rights.
 *
 * The root is an empty tmpfs, into which only the host's programs come, read-only, and the job's directories and mounts.
 * The command is user 1000 without capabilities in namespaces for users, processes, mounts, IPC and (unless
 * `job.network`) the network; when it ends, or its starter does, the process namespace takes everything in it along.
 *
 * `programs`: further directories of the host with programs (a conda installation), seen under the same path.
 */
export function bubblewrap(version: string, programs: readonly string[] = []): ContainerEngine {
  const root = rootArguments([...PROGRAMS, ...programs]);
  const [, major, minor] = version.match(/(\d+)\.(\d+)/) ?? [];
  // Since 0.8 the command can be kept from namespaces of its own, which open parts of the kernel that are closed otherwise.
  const namespaces = Number(major) > 0 || Number(minor) >= 8 ? [...NAMESPACES, "--disable-userns"] : NAMESPACES;
  return {
    name: "bubblewrap",
    programs: "host",
    client: false,
    version,
    wrap: (job) => ({
      // `env` itself is passed on by bubblewrap: on the command line every user of the host could read it.
      argv: ["bwrap", ...root, ...namespaces, ...jobArguments(job), "--", ...FIRST_PROCESS, ...oddEnvironment(job), ...job.argv],
      env: job.env,
      cwd: "/",
    }),
  };
}

/** bubblewrap as installed on this host, or why it cannot be used. */
export async function findBubblewrap(programs?: readonly string[]): Promise<Probe> {
  const run = promisify(execFile);
  try {
    const { stdout } = await run("bwrap", ["--version"]);
    const engine = bubblewrap(stdout.trim(), programs);
    // Kernels and container hosts may forbid user namespaces: only a start tells.
    await run("bwrap", [...rootArguments(PROGRAMS), ...NAMESPACES, "--", "/bin/sh", "-c", ":"]);
    return engine;
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    return {
      unusable: code === "ENOENT" ? "bubblewrap (bwrap) is not installed" : `bubblewrap does not start: ${stderr?.trim()}`,
    };
  }
}

/** Where hosts keep programs. What is not there is left out. */
const PROGRAMS = ["/usr", "/opt", "/nix/store"];
/** Before /usr was merged these were directories; now they are links into it. */
const OLD_PROGRAMS = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/**
 * What programs need of /etc. Not the whole: run by the administrator, a job would read the host's secrets there
 * (shadow, private keys) as their owner.
 */
const CONFIGURATION = [
  ..."alternatives ld.so.cache ld.so.conf ld.so.conf.d localtime timezone nsswitch.conf host.conf hosts resolv.conf".split(" "),
  ..."protocols services mime.types magic terminfo locale.alias fonts papersize perl python3 R".split(" "),
  ..."ssl/certs ssl/openssl.cnf pki/tls/certs ca-certificates java-11-openjdk java-17-openjdk java-21-openjdk".split(" "),
].map((name) => `/etc/${name}`);
/** An account for user 1000, so that programs that ask for their own name get one. */
const ACCOUNTS = fileURLToPath(new URL("./accounts/", import.meta.url));

/**
 * The first process of the namespace. bubblewrap's own loses the processor time of the command, adds `PWD` to its
 * environment, and answers 1 when there is no such program; a shell's waits for every orphan, and answers 127.
 */
const FIRST_PROCESS = ["/bin/sh", "-c", 'unset PWD OLDPWD; (exec "$@"); exit $?', "sh"];

/** The entries that the first process, a shell, would drop. */
function oddEnvironment(job: JobSpec): string[] {
  const odd = Object.entries(job.env).filter(([name]) => shellLoses(name));
  return odd.length === 0 ? [] : ["/usr/bin/env", ...odd.map(([name, value]) => `${name}=${value}`)];
}

function rootArguments(programs: readonly string[]): string[] {
  const shared = programs.filter((path) => existsSync(path)).flatMap((path) => ["--ro-bind", path, path]);
  const old = OLD_PROGRAMS.flatMap((path) => {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (!entry) return [];
    return entry.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
  });
  const configuration = CONFIGURATION.filter((path) => existsSync(path)).flatMap((path) => ["--ro-bind", path, path]);
  const accounts = ["passwd", "group"].flatMap((name) => ["--ro-bind", `${ACCOUNTS}${name}`, `/etc/${name}`]);
  return [
    "--tmpfs",
    "/",
    ...shared,
    ...old,
    ...configuration,
    ...accounts,
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--tmpfs",
    "/tmp",
  ];
}

const NAMESPACES = [
  ...["--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"],
  ...["--as-pid-1", "--die-with-parent", "--new-session"],
];

function jobArguments(job: JobSpec): string[] {
  const places = [job.outdir, job.tmpdir].flatMap((place) => ["--bind", place.host, place.path]);
  const mounts = job.mounts.flatMap((mount) => [mount.writable ? "--bind" : "--ro-bind", mount.source, mount.target]);
  return [
    ...(job.network ? ["--share-net"] : []),
    ...places,
    ...mounts,
    // Last, when nothing is to be placed in it any more: the tmpfs that everything hangs in.
    ...["--remount-ro", "/", "--chdir", job.outdir.path],
  ];
}
