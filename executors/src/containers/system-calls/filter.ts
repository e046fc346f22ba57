import { fileURLToPath } from "node:url";

/**
 * The system calls that a job in bubblewrap may not make, although it has no capabilities: what they reach has no
 * namespace, or is a part of the kernel that has often let somebody through. A job's user is outside what runs the
 * platform, so keys of that user (Kerberos tickets, disk secrets) would be readable, and jobs of different users could
 * leave each other messages there. docker and podman refuse the same by default.
 *
 * The numbers are those of include/uapi/asm/unistd*.h, by what the kernel calls an architecture (linux/audit.h): also
 * the 32-bit programs that a 64-bit kernel runs.
 */
const REFUSED: Readonly<Record<string, { audit: number; calls: Readonly<Record<string, number>> }>> = {
  x64: {
    audit: 0xc000003e,
    calls: { add_key: 248, request_key: 249, keyctl: 250, perf_event_open: 298, bpf: 321, userfaultfd: 323 },
  },
  ia32: {
    audit: 0x40000003,
    calls: { add_key: 286, request_key: 287, keyctl: 288, perf_event_open: 336, bpf: 357, userfaultfd: 374 },
  },
  arm64: {
    audit: 0xc00000b7,
    calls: { add_key: 217, request_key: 218, keyctl: 219, perf_event_open: 241, bpf: 280, userfaultfd: 282 },
  },
  arm: {
    audit: 0x40000028,
    calls: { add_key: 309, request_key: 310, keyctl: 311, perf_event_open: 364, bpf: 386, userfaultfd: 388 },
  },
};
/** Of all architectures. */
const REFUSED_EVERYWHERE = { io_uring_setup: 425, io_uring_enter: 426, io_uring_register: 427 };

/**
 * The system calls that make namespaces, by flags in their first argument. In a user namespace of its own a job would have
 * capabilities, and with them parts of the kernel that are closed otherwise.
 */
const MAKING_NAMESPACES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: { clone: 56, unshare: 272 },
  ia32: { clone: 120, unshare: 310 },
  arm64: { clone: 220, unshare: 97 },
  arm: { clone: 120, unshare: 337 },
};
/** Its flags are in memory, where no filter looks: programs are told that there is no such call, and take `clone`. */
const CLONE3 = 435;
/** Of linux/sched.h. */
const CLONE_NEWUSER = 0x10000000;

/** Whether the filter keeps jobs from user namespaces on an architecture, as `process.arch` calls it. */
export const refusesUserNamespaces = (architecture: string): boolean => architecture in MAKING_NAMESPACES;

/** The numbers of what is refused on an architecture, as `process.arch` calls it. */
export function refusedCalls(architecture: string): Readonly<Record<string, number>> {
  return { ...REFUSED[architecture]?.calls, ...REFUSED_EVERYWHERE };
}

/** The filter as the kernel reads it (`struct sock_filter`, linux/filter.h): the output of `filterBytes`, which the test of this file compares. */
export const FILTER_FILE: string = fileURLToPath(new URL("./filter.bpf", import.meta.url));

/** What is in `FILTER_FILE`. */
export function filterBytes(): Buffer {
  const program = [load(ARCHITECTURE), ...Object.keys(REFUSED).flatMap(forArchitecture), answer(ALLOW)];
  const bytes = Buffer.alloc(program.length * 8);
  for (const [at, { code, yes, no, k }] of program.entries()) {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(yes, at * 8 + 2);
    bytes.writeUInt8(no, at * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, at * 8 + 4);
  }
  return bytes;
}

interface Instruction {
  code: number;
  /** How many instructions to skip. */
  yes: number;
  no: number;
  k: number;
}

/** An instruction whose jump is to one of the ends of its architecture's part. */
interface Line {
  code: number;
  k: number;
  to?: "flags" | "absent" | "refuse";
}

/** Skipped for other architectures; those that it is for get their answer in it. */
function forArchitecture(architecture: string): Instruction[] {
  // The calls of x32 are those of x64 with a bit more; what would slip through under these names is refused whole.
  const x32: Line[] = architecture === "x64" ? [{ code: JUMP_IF_AT_LEAST, k: 0x40000000, to: "refuse" }] : [];
  const tests: Line[] = [
    ...x32,
    ...Object.values(refusedCalls(architecture)).map((k): Line => ({ code: JUMP_IF_EQUAL, k, to: "refuse" })),
    { code: JUMP_IF_EQUAL, k: CLONE3, to: "absent" },
    ...Object.values(MAKING_NAMESPACES[architecture]!).map((k): Line => ({ code: JUMP_IF_EQUAL, k, to: "flags" })),
  ];
  const flags: Line[] = [load(FIRST_ARGUMENT), { code: JUMP_IF_SET, k: CLONE_NEWUSER, to: "refuse" }, answer(ALLOW)];
  const lines: Line[] = [load(NUMBER), ...tests, answer(ALLOW), ...flags, answer(ABSENT), answer(REFUSE)];
  const absent = lines.length - 2;
  const places = { flags: absent - flags.length, absent, refuse: absent + 1 };
  const body = lines.map(({ code, k, to }, at) => ({ code, k, yes: to === undefined ? 0 : places[to] - at - 1, no: 0 }));
  return [{ code: JUMP_IF_EQUAL, yes: 0, no: body.length, k: REFUSED[architecture]!.audit }, ...body];
}

const load = (k: number): Instruction => ({ code: LOAD_WORD, yes: 0, no: 0, k });
const answer = (k: number): Instruction => ({ code: RETURN, yes: 0, no: 0, k });

// linux/bpf_common.h, linux/filter.h
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_SET = 0x45;
const RETURN = 0x06;
// Where things are in `struct seccomp_data` (linux/seccomp.h).
const NUMBER = 0;
const ARCHITECTURE = 4;
/** The lower half, on machines whose numbers begin with that: all of the above. */
const FIRST_ARGUMENT = 16;
// linux/seccomp.h
const ALLOW = 0x7fff0000;
/** EPERM. */
const REFUSE = 0x00050001;
/** ENOSYS. */
const ABSENT = 0x00050000 + 38;
