import type { JobLine } from "@causeway/contract/client";
import { StatusBadge } from "../../parts/status-badge.tsx";
import { counted } from "../../parts/words.ts";

interface StepJobsProps {
  step: string;
  jobs: readonly JobLine[];
  onJob: (name: string) => void;
  onClose: () => void;
}

const SHOWN = 100;
const ORDER = ["FAILED", "RUNNING", "QUEUED", "ABORTED", "COMPLETED"];

/** The jobs of the step that was chosen in the graph: those first that somebody asks about. */
export function StepJobs({ step, jobs, onJob, onClose }: StepJobsProps) {
  const own = jobs
    .filter((job) => job.step === step || job.step.startsWith(`${step}.`))
    .sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <aside aria-label={`Jobs of ${step}`}>
      <header>
        <h2>{step}</h2>
        <button type="button" className="quiet" aria-label="Close" onClick={onClose}>
          ✕
        </button>
      </header>
      <p className="muted">{own.length === 0 ? "No job of it has been made yet." : counted(own.length, "job")}</p>
      <ul className="lines">
        {own.slice(0, SHOWN).map((job) => (
          <li key={job.name}>
            <button type="button" className="link" onClick={() => onJob(job.name)}>
              {job.name}
            </button>
            <StatusBadge status={job.status} />
          </li>
        ))}
      </ul>
      {own.length > SHOWN && <p className="muted">The table of jobs has the others.</p>}
    </aside>
  );
}
