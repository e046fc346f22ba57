import type { InstanceType } from "./instances.ts";

/** What everything costs, in USD. */
export interface PriceList {
  /** One GB (10⁹ bytes) kept for a month. */
  storageGbMonth: number;
  /** One GB downloaded. */
  egressGb: number;
  instances: readonly InstanceType[];
}

const GB = 1e9;
const HOUR_MS = 3_600_000;

/** What a task used. */
export interface TaskUse {
  /** From its start to its end. */
  runningMs: number;
  /** The instance types that the task asks for, as written: `c5.xlarge;ebs-gp2;512`, `AUTO`. */
  askedFor: readonly string[];
  jobs: readonly { cores: number; ramMiB: number; runningMs: number }[];
}

/**
 * What a task costs. With an instance type that the list knows, it has one such machine from start to end, idle or not.
 * Otherwise each job has the cheapest machine that holds it while it runs; a job too large for all pays the largest.
 */
export function taskPrice({ runningMs, askedFor, jobs }: TaskUse, { instances }: PriceList): number {
  const names = askedFor.map((asked) => asked.split(";", 1)[0]!.trim());
  const reserved = instances.find(({ name }) => names.includes(name));
  if (reserved) return (reserved.hourly * runningMs) / HOUR_MS;
  return jobs.reduce((sum, job) => sum + (hourlyFor(job, instances) * job.runningMs) / HOUR_MS, 0);
}

function hourlyFor({ cores, ramMiB }: { cores: number; ramMiB: number }, instances: readonly InstanceType[]): number {
  const holding = instances.filter(({ cpus, memoryMib }) => cpus >= cores && memoryMib >= ramMiB);
  if (holding.length > 0) return Math.min(...holding.map(({ hourly }) => hourly));
  return Math.max(0, ...instances.map(({ hourly }) => hourly));
}

/** What one byte costs that is kept for that day (of any month, in UTC). */
export const storedBytePrice = (day: Date, { storageGbMonth }: PriceList): number => storageGbMonth / GB / daysInMonth(day);

/** What one byte costs that is downloaded. */
export const downloadedBytePrice = ({ egressGb }: PriceList): number => egressGb / GB;

const daysInMonth = (day: Date): number => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
