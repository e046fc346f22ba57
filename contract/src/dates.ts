/** Dates and times on the wire (conventions.md §10). */

/** `2026-03-02T08:21:40Z`: UTC and whole seconds, the one form all clients parse. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z)|([ +-])(\d{2}):?(\d{2}))?)?$/i;

/**
 * Reads the time of a filter: a date alone, `T` or a blank before the time, an optional fraction, and `Z`, an offset or
 * nothing (UTC) at the end. The `+` of an offset may have become a blank on its way. Undefined when it is no time.
 */
export function parseTime(text: string): Date | undefined {
  const match = TIME.exec(text.trim());
  if (!match) return undefined;
  const [, day = "", hours = "00", minutes = "00", seconds = "00", fraction = "", , sign, offsetHours, offsetMinutes] = match;
  if (Number(offsetHours ?? 0) > 23 || Number(offsetMinutes ?? 0) > 59) return undefined;

  const local = new Date(`${day}T${hours}:${minutes}:${seconds}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
  // `new Date` takes February 30 for March 2, and 24:00 for the next day.
  if (Number.isNaN(local.getTime()) || !local.toISOString().startsWith(`${day}T${hours}:${minutes}:${seconds}`)) return undefined;

  const offset = (Number(offsetHours ?? 0) * 60 + Number(offsetMinutes ?? 0)) * 60_000;
  return new Date(local.getTime() - (sign === "-" ? -offset : offset));
}

/** Reads `mm-dd-yyyy`, the days of billing breakdowns; midnight UTC. Undefined when it is no such day. */
export function parseDay(text: string): Date | undefined {
  const match = /^(\d{2})-(\d{2})-(\d{4})$/.exec(text.trim());
  return match ? parseTime(`${match[3]}-${match[1]}-${match[2]}`) : undefined;
}
