import { statfsSync } from "node:fs";

/** Why nothing more should be written to the disk of a directory, in words; `undefined` when `keepFreeBytes` are free. */
export function whyFull(directory: string, keepFreeBytes: number): string | undefined {
  if (keepFreeBytes === 0) return undefined;
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  if (free >= keepFreeBytes) return undefined;
  return `the disk of the jobs is full: ${mib(free)} MiB are free, and ${mib(keepFreeBytes)} MiB are to stay free`;
}

const mib = (bytes: number): number => Math.floor(bytes / 2 ** 20);

/** Whether the system refused to write for want of room. */
export const isFull = (error: unknown): boolean => ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
