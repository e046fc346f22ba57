const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** A moment as people say it, with the exact one for those who point at it. */
export function Moment({ at }: { at: string | null }) {
  if (at === null) return <>-</>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={EXACT.format(date)}>
      {spoken(date)}
    </time>
  );
}

function spoken(date: Date): string {
  const seconds = (date.getTime() - Date.now()) / 1000;
  if (Math.abs(seconds) > 7 * 86_400) return EXACT.format(date);
  for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size) return RELATIVE.format(Math.round(seconds / size), unit);
  return "just now";
}
