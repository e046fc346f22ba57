const SIZES = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** `1.4 GiB` */
export function bytesInWords(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "-";
  let value = Math.round(bytes);
  let unit = 0;
  while (value >= 1024 && unit < SIZES.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${SIZES[unit]}`;
}

/** `3 h 20 min`, `4.2 s` */
export function durationInWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

/** `1,234` */
export const numbered = (count: number): string => count.toLocaleString("en");

/** `1 job`, `3 jobs`, `3 entries` */
export const counted = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${numbered(count)} ${count === 1 ? noun : nouns}`;
