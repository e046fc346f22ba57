import { lstatSync, readdirSync, readlinkSync, renameSync, rmSync, type Stats, symlinkSync } from "node:fs";
import { posix } from "node:path";
import { copyTree, newCopying } from "./copying.ts";
import type { HardLinks } from "./hard-links.ts";
import { JobError, shown } from "./job-error.ts";
import { refuseForeignNames } from "./normal-entry.ts";
import type { OutputTree } from "./output-tree.ts";

/** Entries after which other work on this process gets a turn. */
const TURN = 500;

/**
 * Makes a directory that a command left fit to leave the job: whole by itself wherever it goes, and nothing of others in
 * it. Links that stay inside become relative, links to inputs and to other outputs become what they lead to.
 *
 * @throws JobError of kind `output` for links that lead elsewhere or to nothing, hard links to files outside, pipes,
 * sockets, devices, and names that are no UTF-8.
 */
export async function secureDirectory(
  tree: OutputTree,
  links: HardLinks,
  top: string,
  host: string,
  place: string,
  signal?: AbortSignal,
): Promise<void> {
  let looked = 0;
  await secure(top, host);

  async function secure(path: string, at: string): Promise<void> {
    const entries = readdirSync(at, { withFileTypes: true });
    if (entries.some(({ name }) => name.includes("\ufffd"))) refuseForeignNames(at, place);
    for (const entry of entries) {
      if (++looked % TURN === 0) {
        signal?.throwIfAborted();
        await new Promise(setImmediate);
      }
      const [inner, innerAt] = [`${path}/${entry.name}`, `${at}/${entry.name}`];
      if (entry.isDirectory()) await secure(inner, innerAt);
      else if (entry.isSymbolicLink()) await secureLink(inner, innerAt);
      else if (entry.isFile()) {
        const stats = lstatSync(innerAt);
        if (stats.nlink > 1) links.inputOf(innerAt, stats, inner, place);
      } else throw new JobError("output", place, `${shown(inner)} is ${kindOf(entry)}, neither a file nor a directory`);
    }
  }

  async function secureLink(path: string, at: string): Promise<void> {
    const located = tree.locate(path, place);
    if (!located) throw new JobError("output", place, `${shown(path)} is a link to nothing`);
    const link = readlinkSync(at);
    if (located.made && located.host.startsWith(`${host}/`)) {
      if (!climbsAbove(host, at, link)) return;
      const replacement = `${at}.relative-link`;
      symlinkSync(posix.relative(posix.dirname(at), located.host), replacement);
      renameSync(replacement, at);
      return;
    }
    if (located.made && host.startsWith(`${located.host}/`)) {
      throw new JobError("output", place, `${shown(path)} is a link to a directory around it`);
    }
    if (!located.stats.isFile() && !located.stats.isDirectory()) {
      throw new JobError("output", place, `${shown(path)} leads to ${kindOf(located.stats)}`);
    }
    const copy = `${at}.copy`;
    rmSync(copy, { recursive: true, force: true });
    await copyTree(located.host, copy, newCopying(signal));
    // A directory cannot be renamed over a link.
    if (located.stats.isDirectory()) rmSync(at);
    renameSync(copy, at);
  }
}

/** Whether a link at a path below `top` is absolute, or goes up past `top` on its way: it would break in another place. */
function climbsAbove(top: string, at: string, link: string): boolean {
  if (link.startsWith("/")) return true;
  const depth = at.slice(top.length + 1).split("/").length - 1;
  const ups = posix
    .normalize(link)
    .split("/")
    .filter((part) => part === "..").length;
  return ups > depth;
}

/** What a special file is called. */
export function kindOf(stats: Pick<Stats, "isFIFO" | "isSocket" | "isBlockDevice" | "isCharacterDevice">): string {
  if (stats.isFIFO()) return "a named pipe";
  if (stats.isSocket()) return "a socket";
  return stats.isBlockDevice() || stats.isCharacterDevice() ? "a device" : "a special file";
}
