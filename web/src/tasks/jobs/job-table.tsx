import type { JobLine } from "@causeway/contract/client";
import { useMemo, useState } from "react";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { StatusBadge } from "../../parts/status-badge.tsx";
import { bytesInWords, counted, durationInWords } from "../../parts/words.ts";

interface JobTableProps {
  jobs: readonly JobLine[];
  step: string | undefined;
  onStep: (step: string | undefined) => void;
  onJob: (name: string) => void;
}

const tookOf = ({ started, ended }: JobLine): number =>
  started === null ? 0 : (ended === null ? Date.now() : Date.parse(ended)) - Date.parse(started);

const COLUMNS: readonly Column<JobLine>[] = [
  { id: "name", title: "Job", width: "minmax(12rem, 3fr)", by: ({ name }) => name, show: ({ name }) => name, isName: true },
  {
    id: "status",
    title: "Status",
    width: "9rem",
    by: ({ status }) => status,
    show: (job) => <StatusBadge status={job.status} />,
  },
  {
    id: "note",
    title: "Note",
    width: "minmax(9rem, 2fr)",
    by: (job) => noteOf(job),
    show: (job) => noteOf(job),
  },
  {
    id: "took",
    title: "Took",
    width: "7rem",
    by: tookOf,
    show: (job) => (job.started ? durationInWords(tookOf(job)) : "-"),
    isNumber: true,
  },
  {
    id: "cpu",
    title: "CPU time",
    width: "7rem",
    by: ({ cpu_seconds }) => cpu_seconds ?? -1,
    show: ({ cpu_seconds }) => (cpu_seconds === null ? "-" : durationInWords(cpu_seconds * 1000)),
    isNumber: true,
  },
  {
    id: "memory",
    title: "Memory",
    width: "7rem",
    by: ({ peak_memory_bytes }) => peak_memory_bytes ?? -1,
    show: ({ peak_memory_bytes }) => bytesInWords(peak_memory_bytes),
    isNumber: true,
  },
  {
    id: "instance",
    title: "Instance",
    width: "8rem",
    by: ({ instance }) => instance?.id ?? "",
    show: ({ instance }) => instance?.type ?? "-",
  },
];

function noteOf({ reused, waiting, failure, exit_code, retried }: JobLine): string {
  if (reused) return "results of an earlier job";
  if (waiting !== null) return waiting;
  if (failure !== null) return failure;
  if (exit_code !== null && exit_code !== 0) return `exit code ${exit_code}`;
  return retried ? "ran again after its instance was lost" : "";
}

const STATUSES = ["QUEUED", "RUNNING", "COMPLETED", "FAILED", "ABORTED"];

/** All jobs of a task, to be filtered and sorted; tens of thousands are no trouble. */
export function JobTable({ jobs, step, onStep, onJob }: JobTableProps) {
  const [words, setWords] = useState("");
  const [status, setStatus] = useState("");
  const steps = useMemo(() => [...new Set(jobs.map((job) => job.step))].sort(), [jobs]);
  const rows = useMemo(
    () =>
      jobs.filter(
        (job) =>
          (step === undefined || job.step === step || job.step.startsWith(`${step}.`)) &&
          (status === "" || job.status === status) &&
          (words === "" || job.name.toLowerCase().includes(words.toLowerCase())),
      ),
    [jobs, step, status, words],
  );
  return (
    <section aria-label="Jobs">
      <div className="toolbar">
        <label>
          Find{" "}
          <input type="search" value={words} onChange={(event) => setWords(event.target.value)} placeholder="part of a name" />
        </label>
        <label>
          Status{" "}
          <select value={status} onChange={(event) => setStatus(event.target.value)}>
            <option value="">any</option>
            {STATUSES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          Step{" "}
          <select value={step ?? ""} onChange={(event) => onStep(event.target.value === "" ? undefined : event.target.value)}>
            <option value="">any</option>
            {steps.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <span role="status" className="muted">
          {counted(rows.length, "job")}
        </span>
      </div>
      <DataTable
        label="Jobs"
        rows={rows}
        columns={COLUMNS}
        keyOf={({ name }) => name}
        onOpen={({ name }) => onJob(name)}
        empty="No job."
      />
    </section>
  );
}
