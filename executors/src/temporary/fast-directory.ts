import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";

/**
 * A directory for files that nothing need survive, as those of a test database: in memory, where that has room. A
 * database is some 550 files, and on ext4 each file that is made within seconds after so many were removed costs the
 * kernel a search: 680 ms of processor time a database, against 35 in memory.
 */
export function fastDirectory(): string {
  const shared = "/dev/shm";
  try {
    const { type, bavail, bsize } = statfsSync(shared);
    if (type === TMPFS && bavail * bsize > ROOM_BYTES) return shared;
  } catch {
    // There is none on this system.
  }
  return tmpdir();
}

/** Of statfs(2). */
const TMPFS = 0x01021994;
const ROOM_BYTES = 4 * 2 ** 30;
