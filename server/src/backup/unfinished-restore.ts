import { existsSync } from "node:fs";
import { join } from "node:path";

/** Stands in a data directory into which something is being restored. */
export const RESTORING = "RESTORING";

/** Refuses a data directory in which not everything of a backup is. @throws UnfinishedRestore */
export function requireRestored(dataDirectory: string): void {
  if (existsSync(join(dataDirectory, RESTORING))) throw new UnfinishedRestore(dataDirectory);
}

export class UnfinishedRestore extends Error {
  constructor(directory: string) {
    super(`A backup is being restored into ${directory}, or that was broken off: run \`causeway restore\` again.`);
  }
}
