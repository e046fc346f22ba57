import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { bootId, identify, isAlive, type ProcessIdentity } from "../process/processes.ts";

/** How the names of all our temporary directories begin. */
export const PREFIX = "causeway-";

/** In every temporary directory: which process it belongs to. */
export const OWNER_FILE = ".owner";

/** A process, told from every other of every host and container that may share a temporary directory. */
interface DirectoryOwner extends ProcessIdentity {
  host: string;
  /** Of process ids: a container has numbers of its own. */
  namespace: string;
}

/**
 * A directory, in the host's temporary one unless said, that belongs to this process. Whoever makes it removes it; when this process is
 * killed before that, a later start of any of our programs does ({@link sweepTemporaryDirectories}).
 *
 * @param kind a word for its name
 */
export function makeTemporaryDirectory(kind: string, parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, `${PREFIX}${kind}-`));
  try {
    claimTemporaryDirectory(directory);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return directory;
}

/** Says that a directory belongs to this process from now on. */
export function claimTemporaryDirectory(directory: string): void {
  const self = identify(process.pid);
  // Without /proc (macOS) processes cannot be told from their successors: there nothing is swept.
  if (!self) return;
  const owner: DirectoryOwner = { ...self, host: hostname(), namespace: processNamespace() };
  writeFileSync(join(directory, OWNER_FILE), JSON.stringify(owner));
}

/**
 * Whether the process that a directory belongs to has certainly ended; undefined when nothing says whom it belongs to. A
 * process of another host or container may live.
 */
export function ownerHasEnded(directory: string): boolean | undefined {
  const owner = readOwner(directory);
  if (!owner) return undefined;
  if (owner.host !== hostname()) return false;
  if (owner.bootId !== bootId()) return true;
  return owner.namespace === processNamespace() && !isAlive(owner);
}

function readOwner(directory: string): DirectoryOwner | undefined {
  try {
    const owner = JSON.parse(readFileSync(join(directory, OWNER_FILE), "utf8")) as DirectoryOwner;
    return typeof owner.pid === "number" && typeof owner.startTicks === "string" ? owner : undefined;
  } catch {
    return undefined; // None, or one that was killed amid writing it.
  }
}

const processNamespace = (): string => readlinkSync("/proc/self/ns/pid");
