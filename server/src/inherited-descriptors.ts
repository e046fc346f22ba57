import { closeSync, readdirSync, readFileSync } from "node:fs";

/**
 * Closes what whoever started this process had open and left to it, but the three standard streams: a command that this
 * process starts would get it, too, and a job could read or write there from within its walls.
 *
 * What Node opens itself is closed at an `execve` (O_CLOEXEC) and so is told apart. Called first of all, on Linux.
 */
export function closeInherited(): void {
  let descriptors: string[];
  try {
    descriptors = readdirSync("/proc/self/fd");
  } catch {
    return; // No Linux.
  }
  for (const descriptor of descriptors) {
    if (Number(descriptor) <= 2) continue;
    try {
      const flags = readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8").match(/^flags:\s+([0-7]+)$/m)?.[1];
      if (flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0) closeSync(Number(descriptor));
    } catch {
      // The descriptor of the listing itself, which is closed by now.
    }
  }
}

/** Of include/uapi/asm-generic/fcntl.h, the same on x86-64 and arm64. */
const O_CLOEXEC = 0o2000000;
