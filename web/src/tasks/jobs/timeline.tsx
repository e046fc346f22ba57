import type { JobLine } from "@causeway/contract/client";
import { useEffect, useState } from "react";
import { durationInWords } from "../../parts/words.ts";

/** More bars than this nobody tells apart. */
const MOST = 3000;
const LANE = 14;
const WIDTH = 1000;

/** When which job ran on which instance. */
export function Timeline({ jobs, onJob }: { jobs: readonly JobLine[]; onJob: (name: string) => void }) {
  const [now, setNow] = useState(Date.now);
  const ran = jobs.filter(({ started, instance }) => started !== null && instance !== null).slice(0, MOST);
  const isLive = ran.some(({ ended }) => ended === null);
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isLive]);
  if (ran.length === 0) return <p className="muted">No job has run yet.</p>;
  const from = Math.min(...ran.map(({ started }) => Date.parse(started!)));
  const to = Math.max(...ran.map(({ ended }) => (ended === null ? now : Date.parse(ended))));
  const span = Math.max(1, to - from);
  const byInstance = Map.groupBy(ran, ({ instance }) => instance!.id);
  return (
    <section aria-label="Timeline">
      <p className="muted">
        {durationInWords(span)} from the first job to the last
        {jobs.length > ran.length ? `; ${jobs.length - ran.length} jobs did not run or are not drawn` : ""}
      </p>
      {[...byInstance].map(([id, own]) => {
        const lanes = inLanes(own, now);
        return (
          <div className="timeline" key={id}>
            <h2>
              {own[0]!.instance!.type} <span className="muted">{id}</span>
            </h2>
            <svg
              viewBox={`0 0 ${WIDTH} ${lanes.length * LANE}`}
              preserveAspectRatio="none"
              role="img"
              aria-label={`${own.length} jobs on ${id}`}
              style={{ height: lanes.length * LANE }}
            >
              {lanes.flatMap((lane, index) =>
                lane.map((job) => {
                  const start = Date.parse(job.started!);
                  const end = job.ended === null ? now : Date.parse(job.ended);
                  return (
                    // biome-ignore lint/a11y/noStaticElementInteractions: the table of jobs is the way by keyboard
                    <rect
                      key={job.name}
                      className={job.status.toLowerCase()}
                      x={((start - from) / span) * WIDTH}
                      width={Math.max(1.5, ((end - start) / span) * WIDTH)}
                      y={index * LANE + 1}
                      height={LANE - 2}
                      onClick={() => onJob(job.name)}
                    >
                      <title>{`${job.name}: ${durationInWords(end - start)}`}</title>
                    </rect>
                  );
                }),
              )}
            </svg>
          </div>
        );
      })}
    </section>
  );
}

/** Jobs that ran at the same time lie below each other. */
function inLanes(jobs: readonly JobLine[], now: number): JobLine[][] {
  const lanes: { until: number; jobs: JobLine[] }[] = [];
  for (const job of jobs.toSorted((a, b) => Date.parse(a.started!) - Date.parse(b.started!))) {
    const start = Date.parse(job.started!);
    const until = job.ended === null ? now : Date.parse(job.ended);
    const free = lanes.find((lane) => lane.until <= start);
    if (free) {
      free.jobs.push(job);
      free.until = until;
    } else lanes.push({ until, jobs: [job] });
  }
  return lanes.map((lane) => lane.jobs);
}
