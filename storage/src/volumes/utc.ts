/** As `2026-01-30T06:00:00Z`, which is how the API writes times. */
export function utc(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
