import type { JobLine } from "@causeway/contract/client";
import { useQuery } from "@tanstack/react-query";
import { web } from "../api/client.ts";
import { textOfFile } from "../files/file-bytes.ts";
import { counted } from "../parts/words.ts";
import { adviceFor } from "./advice.ts";
import type { Task } from "./use-task.ts";

interface FailureReportProps {
  task: Task;
  jobs: readonly JobLine[];
  onJob: (name: string) => void;
}

const SHOWN = 3;

/** Why a task failed: which jobs, how, what they wrote last, and what to try. */
export function FailureReport({ task, jobs, onJob }: FailureReportProps) {
  const failed = jobs.filter(({ status }) => status === "FAILED");
  if (failed.length === 0) return null;
  return (
    <section className="failure" aria-labelledby="why">
      <h2 id="why">{failed.length === 1 ? "One job failed" : `${counted(failed.length, "job")} failed`}</h2>
      {failed.slice(0, SHOWN).map((job) => (
        <FailedJob key={job.name} task={task.id} job={job} onJob={onJob} />
      ))}
      {failed.length > SHOWN && <p className="muted">The table of jobs has the others.</p>}
    </section>
  );
}

function FailedJob({ task, job, onJob }: { task: string; job: JobLine; onJob: (name: string) => void }) {
  const { data: lines } = useQuery({
    queryKey: ["last-lines", task, job.name],
    queryFn: async () => {
      const { logs } = await web.getTaskJob({ task, job: job.name });
      const log = logs.find(({ name }) => name === "job.err.log");
      return log ? lastLines(await textOfFile(log.file, { last: 4096, size: log.size })) : "";
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const advice = adviceFor(job);
  return (
    <article>
      <h3>
        <button type="button" className="link" onClick={() => onJob(job.name)}>
          {job.name}
        </button>
        {job.exit_code !== null && <span className="chip">exit code {job.exit_code}</span>}
      </h3>
      {job.failure !== null && <p>{job.failure}</p>}
      {lines !== undefined && lines !== "" && (
        <pre role="region" aria-label={`The last lines that ${job.name} wrote`}>
          {lines}
        </pre>
      )}
      {advice !== undefined && (
        <p className="note">
          <strong>What to try:</strong> {advice}
        </p>
      )}
    </article>
  );
}

const lastLines = (text: string): string => text.trimEnd().split("\n").slice(-10).join("\n");
