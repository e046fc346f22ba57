import { useEffect, useState } from "react";
import { durationInWords } from "./words.ts";

/** How long something took, or takes so far. */
export function Ticking({ from, to }: { from: string; to: string | null }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (to !== null) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [to]);
  const end = to === null ? now : new Date(to).getTime();
  return <>{durationInWords(Math.max(0, end - new Date(from).getTime()))}</>;
}
