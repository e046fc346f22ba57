import type { JobLine } from "@causeway/contract/client";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { reasonOf, web } from "../../api/client.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Loading } from "../../parts/loading.tsx";
import { GraphView } from "./graph-view.tsx";
import { StepJobs } from "./step-jobs.tsx";
import { progressOf } from "./step-progress.ts";

interface TaskGraphProps {
  task: string;
  jobs: readonly JobLine[];
  /** The chosen step. */
  step: string | undefined;
  onStep: (step: string | undefined) => void;
  onJob: (name: string) => void;
}

/** The workflow of a task with how its steps stand. */
export default function TaskGraph({ task, jobs, step, onStep, onJob }: TaskGraphProps) {
  const { data: graph, error } = useQuery({
    queryKey: ["graph", task],
    queryFn: () => web.getTaskGraph({ task }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const progress = useMemo(() => progressOf(jobs), [jobs]);
  if (error && !graph) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  if (!graph) return <Loading what="Loading the graph" />;
  return (
    <div className="graph-and-step">
      <GraphView graph={graph} progress={progress} chosen={step} onChoose={onStep} />
      {step !== undefined && <StepJobs step={step} jobs={jobs} onJob={onJob} onClose={() => onStep(undefined)} />}
    </div>
  );
}
