import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { api, reasonOf } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import type { Task } from "./use-task.ts";

/** What can be done with a task as it stands. */
export function TaskActions({ task, status }: { task: Task; status: string }) {
  const [, go] = useLocation();
  const cache = useQueryClient();
  const abort = useMutation({
    mutationFn: () => api.abortTask({ task: task.id }),
    onSettled: () => cache.invalidateQueries({ queryKey: ["task", task.id] }),
  });
  const clone = useMutation({
    mutationFn: () => api.cloneTask({ task: task.id }),
    onSuccess: ({ id }) => go(`/tasks/${id}`),
  });
  const again = useMutation({
    mutationFn: () => api.cloneTask({ task: task.id, action: "run" }),
    onSuccess: ({ id }) => go(`/tasks/${id}`),
  });
  const isActive = ["CREATING", "QUEUED", "RUNNING"].includes(status);
  const error = abort.error ?? clone.error ?? again.error;
  return (
    <div className="actions">
      {isActive && (
        <button type="button" className="danger" disabled={abort.isPending} onClick={() => abort.mutate()}>
          Abort
        </button>
      )}
      {!isActive && status !== "ABORTING" && (
        <button type="button" disabled={again.isPending} onClick={() => again.mutate()}>
          Run again
        </button>
      )}
      <button type="button" disabled={clone.isPending} onClick={() => clone.mutate()}>
        Change and run
      </button>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
    </div>
  );
}
