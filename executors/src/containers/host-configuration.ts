import { createHash } from "node:crypto";
import { type BigIntStats, existsSync } from "node:fs";
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bootId } from "../process/processes.ts";

/**
 * What programs need of /etc. Not the whole: run by the administrator, a job would read the host's secrets there
 * (shadow, private keys) as their owner.
 */
const ENTRIES = [
  ..."alternatives ld.so.cache ld.so.conf ld.so.conf.d localtime timezone nsswitch.conf host.conf".split(" "),
  ..."protocols services mime.types magic terminfo locale.alias fonts papersize perl python3 R".split(" "),
  ..."ssl/certs ssl/openssl.cnf pki/tls/certs ca-certificates java-11-openjdk java-17-openjdk java-21-openjdk".split(" "),
];
/** What says how others are reached: it may change often, and jobs without a network do well with what it was. */
const OF_THE_NETWORK = ["hosts", "resolv.conf"];
/** An account for user 1000, so that programs that ask for their own name get one. */
const ACCOUNTS = fileURLToPath(new URL("./accounts/", import.meta.url));
const ACCOUNT_FILES = ["passwd", "group"];

/** How long what was found of the host's files counts. */
const LOOK_EVERY_MS = 10_000;
/** Jobs that a process starts before a copy is worth making. */
const FIRST_JOBS = 20;
/** Bytes of a file that is copied; a larger one is none that programs are set up with. */
const LARGEST = 16 * 2 ** 20;

/** What is to be seen of the host, and where: both absolute. */
export type Shown = readonly [source: string, target: string];

/**
 * What jobs see of the host's /etc. One mount for each of its entries costs a job more than all else of its walls: so a
 * process that runs many jobs makes a copy, meanwhile, which is one mount. A copy is never changed. When the host's files
 * have changed, another is made, within ten seconds, and jobs that run keep theirs.
 *
 * Copies lie beside the other things that are kept to save time (`~/.cache/causeway`), for this user alone, and in no
 * place that a job sees but for this mount, which is read-only.
 */
export class HostConfiguration {
  readonly #root: string;
  #copy: string | undefined;
  #jobs = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(root = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", "etc")) {
    this.#root = root;
  }

  /**
   * What the next job sees, all of it read-only.
   *
   * @param needs.network whether it sees how the host reaches others, as it is now
   * @param needs.own whether it gets something of its own below /etc: nothing new can be put into what is read-only
   */
  shown(needs: { network: boolean; own: boolean }): Shown[] {
    this.#lookWhenDue();
    if (needs.own || this.#copy === undefined || !existsSync(this.#copy)) return ofTheHost();
    return [[this.#copy, "/etc"], ...(needs.network ? present(OF_THE_NETWORK) : [])];
  }

  /** Looks at the host now, and makes a copy unless there is one of what it has. Answers the copy's path. */
  async look(): Promise<string> {
    this.#looking ??= this.#prepare().finally(() => {
      this.#looking = undefined;
      this.#lookedAt = performance.now();
    });
    await this.#looking;
    return this.#copy!;
  }

  #lookWhenDue(): void {
    this.#jobs += 1;
    if (this.#jobs < FIRST_JOBS || performance.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    // Jobs see the host's own files where there can be no copy.
    this.look().catch(() => {
      this.#copy = undefined;
    });
  }

  async #prepare(): Promise<void> {
    const found = await entries();
    const path = join(this.#root, signOf(found));
    const now = new Date();
    if (!existsSync(path)) await this.#make(path, found);
    await utimes(path, now, now);
    this.#copy = path;
  }

  async #make(path: string, found: readonly Entry[]): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    // By another name first: other processes may look for it at this moment.
    const draft = await mkdtemp(join(this.#root, "new-"));
    try {
      for (const entry of found) await write(draft, entry);
      // Each is there, so that the host's can be mounted on it.
      for (const name of OF_THE_NETWORK) {
        const bytes = await unlessUnreadable(() => readFile(join("/etc", name)));
        await writeFile(join(draft, name), bytes ?? "", { mode: 0o444 });
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (!existsSync(path)) throw error; // else another process was quicker
    }
  }
}

/** The host's own files, each by itself. */
const ofTheHost = (): Shown[] => [
  ...present([...ENTRIES, ...OF_THE_NETWORK]),
  ...ACCOUNT_FILES.map((name): Shown => [join(ACCOUNTS, name), join("/etc", name)]),
];

const present = (names: readonly string[]): Shown[] =>
  names.map((name) => join("/etc", name)).flatMap((path): Shown[] => (existsSync(path) ? [[path, path]] : []));

interface Entry {
  /** Where it is on the host, and below /etc for jobs. */
  source: string;
  target: string;
  stats: BigIntStats;
}

/** Everything that is to be copied, each directory before what is in it. */
async function entries(): Promise<Entry[]> {
  const found: Entry[] = [];
  const visit = async (source: string, target: string, stats: BigIntStats | undefined): Promise<void> => {
    if (!stats || (stats.isFile() && stats.size > LARGEST)) return;
    found.push({ source, target, stats });
    if (!stats.isDirectory()) return;
    for (const name of (await unlessUnreadable(() => readdir(source)))?.sort() ?? []) {
      const inner = join(source, name);
      await visit(inner, join(target, name), await unlessUnreadable(() => lstat(inner, { bigint: true })));
    }
  };
  // The entries themselves may be links to anywhere; in them, links stay what they are.
  const statsOf = (path: string) => unlessUnreadable(() => stat(path, { bigint: true }));
  for (const name of ENTRIES) await visit(join("/etc", name), name, await statsOf(join("/etc", name)));
  for (const name of ACCOUNT_FILES) await visit(join(ACCOUNTS, name), name, await statsOf(join(ACCOUNTS, name)));
  return found;
}

/** Changes whenever one of them does. After a loss of power a copy may not be whole: one of an earlier boot is none. */
function signOf(found: readonly Entry[]): string {
  const hash = createHash("sha256").update(`${bootId()}\n`);
  for (const { source, stats } of found)
    hash.update(`${source}\0${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.mode}\n`);
  return hash.digest("hex").slice(0, 32);
}

async function write(root: string, { source, target, stats }: Entry): Promise<void> {
  const path = join(root, target);
  await mkdir(stats.isDirectory() ? path : dirname(path), { recursive: true });
  if (stats.isSymbolicLink()) await unlessUnreadable(async () => symlink(await readlink(source), path));
  if (!stats.isFile()) return;
  const mode = Number(stats.mode & 0o555n);
  await unlessUnreadable(async () => writeFile(path, await readFile(source), { mode }));
}

/** What this user cannot read, no job of theirs could. What has gone since the look is seen by the next. */
async function unlessUnreadable<Answer>(read: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await read();
  } catch (error) {
    if (["EACCES", "EPERM", "ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code!)) return undefined;
    throw error;
  }
}
