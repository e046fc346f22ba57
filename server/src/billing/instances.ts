/** A size of machine that apps and tasks name. On this platform it is a size to reserve and a price, not a machine. */
export interface InstanceType {
  name: string;
  cpus: number;
  memoryMib: number;
  /** USD an hour. */
  hourly: number;
}

type Sizes = Readonly<Record<string, readonly [cpus: number, memoryGib: number]>>;

const SIZES: Readonly<Record<string, Sizes>> = {
  c4: { large: [2, 3.75], xlarge: [4, 7.5], "2xlarge": [8, 15], "4xlarge": [16, 30], "8xlarge": [36, 60] },
  c5: {
    large: [2, 4],
    xlarge: [4, 8],
    "2xlarge": [8, 16],
    "4xlarge": [16, 32],
    "9xlarge": [36, 72],
    "12xlarge": [48, 96],
    "18xlarge": [72, 144],
    "24xlarge": [96, 192],
  },
  m4: { large: [2, 8], xlarge: [4, 16], "2xlarge": [8, 32], "4xlarge": [16, 64], "10xlarge": [40, 160], "16xlarge": [64, 256] },
  m5: {
    large: [2, 8],
    xlarge: [4, 16],
    "2xlarge": [8, 32],
    "4xlarge": [16, 64],
    "8xlarge": [32, 128],
    "12xlarge": [48, 192],
    "16xlarge": [64, 256],
    "24xlarge": [96, 384],
  },
  r4: {
    large: [2, 15.25],
    xlarge: [4, 30.5],
    "2xlarge": [8, 61],
    "4xlarge": [16, 122],
    "8xlarge": [32, 244],
    "16xlarge": [64, 488],
  },
  r5: {
    large: [2, 16],
    xlarge: [4, 32],
    "2xlarge": [8, 64],
    "4xlarge": [16, 128],
    "8xlarge": [32, 256],
    "12xlarge": [48, 384],
    "16xlarge": [64, 512],
    "24xlarge": [96, 768],
  },
};

/** Google's names are regular: `n1-standard-8` has 8 CPUs. GiB a CPU, by family. */
const GIB_A_CPU: Readonly<Record<string, number>> = {
  "n1-standard": 3.75,
  "n1-highmem": 6.5,
  "n1-highcpu": 0.9,
  "n2-standard": 4,
  "n2-highmem": 8,
  "n2-highcpu": 1,
};
const GOOGLE_CPUS = [2, 4, 8, 16, 32, 64, 96];

const sized = (name: string, cpus: number, memoryGib: number): InstanceType => ({
  name,
  cpus,
  memoryMib: Math.round(memoryGib * 1024),
  hourly: 0,
});

/**
 * The list that operators start from: the names that published apps ask for, so that these run unmodified, all for
 * nothing (execution-hints.md §3).
 */
export const DEFAULT_INSTANCES: readonly InstanceType[] = [
  ...Object.entries(SIZES).flatMap(([family, sizes]) =>
    Object.entries(sizes).map(([size, [cpus, memoryGib]]) => sized(`${family}.${size}`, cpus, memoryGib)),
  ),
  ...Object.entries(GIB_A_CPU).flatMap(([family, gib]) =>
    GOOGLE_CPUS.map((cpus) => sized(`${family}-${cpus}`, cpus, cpus * gib)),
  ),
];

/** Whose catalogue a type is from, as `execution_details` name it; types that operators made up are the platform's own. */
export function providerOf(name: string): "AWS" | "Google" | "CAUSEWAY" {
  const [family = ""] = name.split(".");
  if (Object.hasOwn(SIZES, family)) return "AWS";
  return Object.hasOwn(GIB_A_CPU, name.replace(/-\d+$/, "")) ? "Google" : "CAUSEWAY";
}

/** What a job needs, or a machine has. */
export interface Room {
  cpus: number;
  memoryMib: number;
}

export const holds = (has: Room, need: Room): boolean => has.cpus >= need.cpus && has.memoryMib >= need.memoryMib;

/**
 * The type for a job that names none: the cheapest that holds it. Among equally cheap ones that with the fewest cores that
 * is no smaller than `machine`, so that the machine itself is the limit, or else the largest. A job too large for every
 * type gets the largest.
 */
export function cheapestFor(need: Room, types: readonly InstanceType[], machine: Room): InstanceType {
  const holding = types.filter((type) => holds(type, need));
  const lowest = Math.min(...holding.map(({ hourly }) => hourly));
  const cheapest = holding.filter(({ hourly }) => hourly === lowest);
  const ample = cheapest.filter((type) => holds(type, machine)).sort((a, b) => a.cpus - b.cpus);
  return ample[0] ?? largest(cheapest) ?? largest(types)!;
}

const largest = (types: readonly InstanceType[]): InstanceType | undefined =>
  types.toSorted((a, b) => b.cpus - a.cpus || b.memoryMib - a.memoryMib)[0];
