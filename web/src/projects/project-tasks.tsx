import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, reasonOf } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import { Moment } from "../parts/moment.tsx";
import { StatusBadge } from "../parts/status-badge.tsx";
import { counted, dollars } from "../parts/words.ts";
import type { Project } from "./project.ts";
import { useNewestTasks } from "./use-newest-tasks.ts";

const PAGE = 50;
const FIELDS = ["id", "name", "status", "created_time", "created_by", "price", "batch"];
const STATUSES = ["DRAFT", "QUEUED", "RUNNING", "COMPLETED", "FAILED", "ABORTED"];

/** All tasks of a project, the newest first. */
export function ProjectTasks({ project }: { project: Project }) {
  const [status, setStatus] = useState("");
  const newest = useNewestTasks(project.id);
  // Whatever moves among the newest is asked for again.
  const moved = newest?.map(({ id, status: now }) => id.slice(0, 8) + now).join();
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["project-tasks", project.id, status, moved],
    queryFn: ({ pageParam }) =>
      api.listTasks({
        project: project.id,
        limit: PAGE,
        offset: pageParam,
        fields: FIELDS,
        ...(status === "" ? {} : { status: status as "DRAFT" }),
      }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (pages.length * PAGE < last.total ? pages.length * PAGE : undefined),
    placeholderData: (before) => before,
  });
  const tasks = data?.pages.flatMap(({ items }) => items);
  return (
    <section aria-label="Tasks">
      <div className="toolbar">
        <label>
          Status{" "}
          <select value={status} onChange={(event) => setStatus(event.target.value)}>
            <option value="">any</option>
            {STATUSES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {data && <span className="muted">{counted(data.pages[0]!.total, "task")}</span>}
        <Link className="button" href={`/projects/${project.id}/apps`}>
          New task
        </Link>
      </div>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
      {!tasks && !error && <Loading what="Loading the tasks" />}
      <ul className="lines">
        {tasks?.map(({ id, name, status: stands, created_time, created_by, price, batch }) => (
          <li key={id}>
            <span className="clipped">
              <Link href={`/tasks/${id}`}>{name}</Link> {batch && <span className="chip">batch</span>}{" "}
              <span className="muted">by {created_by}</span>
            </span>
            <span>
              {price && price.amount > 0 && <span className="muted">{dollars(price.amount)} </span>}
              <StatusBadge status={stands ?? ""} /> <Moment at={created_time ?? null} />
            </span>
          </li>
        ))}
      </ul>
      {tasks?.length === 0 && <p className="muted">No task.</p>}
      {hasNextPage && (
        <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </section>
  );
}
