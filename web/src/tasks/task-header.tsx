import type { TaskState } from "@causeway/contract/client";
import { Link } from "wouter";
import { Moment } from "../parts/moment.tsx";
import { StatusBadge } from "../parts/status-badge.tsx";
import { Ticking } from "../parts/ticking.tsx";
import { dollars } from "../parts/words.ts";
import { TaskActions } from "./task-actions.tsx";
import type { Task } from "./use-task.ts";

const isOver = (status: string) => status === "COMPLETED" || status === "FAILED" || status === "ABORTED";

/** What the task is, how it stands and why, what it took and cost. */
export function TaskHeader({ task, state }: { task: Task; state: TaskState | undefined }) {
  const status = state?.status ?? task.status;
  const message = state?.message ?? task.execution_status?.message ?? "";
  const started = state?.started ?? task.start_time;
  const children = state?.children;
  return (
    <header className="page-head">
      <p className="crumbs">
        <Link href="/">Projects</Link> / <Link href={`/projects/${task.project}`}>{task.project}</Link> /{" "}
        <Link href={`/projects/${task.project}/tasks`}>Tasks</Link>
        {task.parent !== null && (
          <>
            {" "}
            / <Link href={`/tasks/${task.parent}`}>Batch</Link>
          </>
        )}
      </p>
      <div className="title-row">
        <h1>{task.name}</h1>
        <StatusBadge status={status} />
        <TaskActions task={task} status={status} />
      </div>
      <p className={status === "FAILED" ? "reason bad" : "reason"} role="status">
        {message}
        {status === "RUNNING" && !task.batch && state && state.steps_total > 1 && (
          <> · {`${state.steps_completed} of ${state.steps_total} steps done`}</>
        )}
      </p>
      {status === "RUNNING" && state && !children && (
        <progress max={state.steps_total} value={state.steps_completed} aria-label="Steps done" />
      )}
      <dl className="facts">
        <div>
          <dt>App</dt>
          <dd>
            <Link href={`/apps/${task.app}`}>{task.app.split("/").slice(2).join(", revision ")}</Link>
          </dd>
        </div>
        <div>
          <dt>Run by</dt>
          <dd>{task.executed_by ?? task.created_by}</dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>{started ? <Moment at={started} /> : "not yet"}</dd>
        </div>
        <div>
          <dt>Took</dt>
          <dd>{started ? <Ticking from={started} to={isOver(status) ? (state?.ended ?? task.end_time) : null} /> : "-"}</dd>
        </div>
        <div>
          <dt>Cost{isOver(status) ? "" : " so far"}</dt>
          <dd>{dollars(state?.price ?? task.price?.amount ?? 0)}</dd>
        </div>
      </dl>
      {task.description !== null && task.description !== "" && <p className="prose">{task.description}</p>}
    </header>
  );
}
