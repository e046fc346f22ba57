import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { api, reasonOf } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import { StatusBadge } from "../parts/status-badge.tsx";
import { counted } from "../parts/words.ts";
import type { Task } from "./use-task.ts";

const FIELDS = ["id", "name", "status", "batch_group", "execution_status"];
const MOST = 1000;

/** The tasks of a batch, and one press for all that failed. */
export function BatchChildren({ batch }: { batch: Task }) {
  const cache = useQueryClient();
  const { data: children, error } = useQuery({
    queryKey: ["children", batch.id],
    queryFn: async () => {
      const found = [];
      for await (const child of api.all.listTasks({ parent: batch.id, fields: FIELDS, order_by: "name", order: "asc" })) {
        found.push(child);
        if (found.length >= MOST) break;
      }
      return found;
    },
  });
  const failed = (children ?? []).filter(({ status }) => status === "FAILED");
  const again = useMutation({
    mutationFn: async () => {
      for (const { id } of failed) await api.cloneTask({ task: id, action: "run" });
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ["project-tasks", batch.project] }),
  });
  if (error && !children) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  if (!children) return <Loading what="Loading the tasks" />;
  return (
    <section aria-label="Tasks of the batch">
      <div className="toolbar">
        <span>{counted(children.length, "task")}</span>
        {failed.length > 0 && (
          <button type="button" disabled={again.isPending} onClick={() => again.mutate()}>
            Run the {failed.length} that failed again
          </button>
        )}
        {again.isSuccess && (
          <span role="status">
            They run again: see <Link href={`/projects/${batch.project}/tasks`}>the project's tasks</Link>.
          </span>
        )}
        {again.error && <ErrorNote>{reasonOf(again.error)}</ErrorNote>}
      </div>
      <ul className="grid">
        {children.map(({ id, name, status, batch_group, execution_status }) => (
          <li key={id}>
            <Link href={`/tasks/${id}`}>{batch_group?.value ?? name}</Link>
            <StatusBadge status={status ?? ""} />
            {status === "FAILED" && <div className="muted clipped">{execution_status?.message}</div>}
          </li>
        ))}
      </ul>
    </section>
  );
}
