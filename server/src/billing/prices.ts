import type { InstanceType } from "./instances.ts";

/** What everything costs, in USD. */
export interface PriceList {
  /** One GB (10⁹ bytes) kept for a month. */
  storageGbMonth: number;
  /** One GB downloaded. */
  egressGb: number;
  /** One GB of the disk that a task asks for with its instance, for an hour. */
  diskGbHour: number;
  /** What part of its price an instance costs a task that lets it be interrupted: 1 is all of it. */
  interruptibleFactor: number;
  instances: readonly InstanceType[];
}

const GB = 1e9;

/** What an instance costs an hour from its start to its release, idle or not, in USD (execution-hints.md §9). */
export interface HourlyPrice {
  computation: number;
  /** Of the disk that was asked for; the machine's own costs nothing. */
  disk: number;
}

/** The price at which a task gets an instance now. */
export const hourlyPrice = (
  { hourly }: InstanceType,
  asked: { diskGb: number; isInterruptible: boolean },
  { diskGbHour, interruptibleFactor }: PriceList,
): HourlyPrice => ({
  computation: asked.isInterruptible ? hourly * interruptibleFactor : hourly,
  disk: asked.diskGb * diskGbHour,
});

/** What a task used, in USD. */
export interface TaskCost {
  computation: number;
  disks: number;
}

/** What one byte costs that is kept for that day (of any month, in UTC). */
export const storedBytePrice = (day: Date, { storageGbMonth }: PriceList): number => storageGbMonth / GB / daysInMonth(day);

/** What one byte costs that is downloaded. */
export const downloadedBytePrice = ({ egressGb }: PriceList): number => egressGb / GB;

const daysInMonth = (day: Date): number => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
