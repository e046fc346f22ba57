import { lazy, Suspense, useState } from "react";
import { Loading } from "../parts/loading.tsx";
import { type Tab, Tabs } from "../parts/tabs.tsx";
import { BatchChildren } from "./batch-children.tsx";
import { FailureReport } from "./failure-report.tsx";
import { JobPanel } from "./jobs/job-panel.tsx";
import { JobTable } from "./jobs/job-table.tsx";
import { Timeline } from "./jobs/timeline.tsx";
import { TaskHeader } from "./task-header.tsx";
import { TaskSettings } from "./task-settings.tsx";
import { type Task, useLiveTask } from "./use-task.ts";
import { PortValues } from "./values/port-values.tsx";

const TaskGraph = lazy(() => import("./graph/task-graph.tsx"));

/** A task that was run: live until it has ended. */
export function StartedTask({ task, tab }: { task: Task; tab: string }) {
  const { state, jobs } = useLiveTask(task.id);
  const [step, setStep] = useState<string>();
  const [job, setJob] = useState<string>();
  const tabs = tabsOf(task, tab, jobs.length);
  const shown = tabs.find(({ isHere }) => isHere)?.name ?? tabs[0]!.name;
  const chosen = jobs.find(({ name }) => name === job);
  return (
    <>
      <TaskHeader task={task} state={state} />
      {(state?.status ?? task.status) === "FAILED" && !task.batch && <FailureReport task={task} jobs={jobs} onJob={setJob} />}
      <Tabs label="Parts of the task" tabs={tabs} />
      {shown === "Tasks" && <BatchChildren batch={task} />}
      {shown === "Graph" && (
        <Suspense fallback={<Loading what="Drawing the graph" />}>
          <TaskGraph task={task.id} jobs={jobs} step={step} onStep={setStep} onJob={setJob} />
        </Suspense>
      )}
      {shown === "Jobs" && <JobTable jobs={jobs} step={step} onStep={setStep} onJob={setJob} />}
      {shown === "Timeline" && <Timeline jobs={jobs} onJob={setJob} />}
      {shown === "Inputs" && <PortValues app={task.app} of="inputs" values={task.inputs} />}
      {shown === "Outputs" && <PortValues app={task.app} of="outputs" values={task.outputs} />}
      {shown === "Settings" && <TaskSettings task={task} />}
      {chosen && <JobPanel key={chosen.name} task={task.id} job={chosen} onClose={() => setJob(undefined)} />}
    </>
  );
}

function tabsOf(task: Task, tab: string, jobs: number): Tab[] {
  const names = task.batch ? ["Tasks", "Inputs", "Settings"] : ["Graph", "Jobs", "Timeline", "Inputs", "Outputs", "Settings"];
  return names.map((name, index) => ({
    name,
    href: `/tasks/${task.id}?tab=${name.toLowerCase()}`,
    isHere: name.toLowerCase() === tab || (index === 0 && !names.some((other) => other.toLowerCase() === tab)),
    ...(name === "Jobs" && jobs > 0 ? { mark: jobs } : {}),
  }));
}
