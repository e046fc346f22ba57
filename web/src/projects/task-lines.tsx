import type { TaskLine } from "@causeway/contract/client";
import { Link } from "wouter";
import { Moment } from "../parts/moment.tsx";
import { StatusBadge } from "../parts/status-badge.tsx";

/** Tasks, a line each. */
export function TaskLines({ tasks }: { tasks: readonly TaskLine[] }) {
  return (
    <ul className="lines">
      {tasks.map(({ id, name, status, steps_completed, steps_total, created, ended }) => (
        <li key={id}>
          <Link href={`/tasks/${id}`} className="clipped">
            {name}
          </Link>
          <span className="line-facts">
            {status === "RUNNING" && steps_total > 1 && (
              <span className="muted">
                {steps_completed} of {steps_total} steps
              </span>
            )}{" "}
            <StatusBadge status={status} /> <Moment at={ended ?? created} />
          </span>
        </li>
      ))}
    </ul>
  );
}
