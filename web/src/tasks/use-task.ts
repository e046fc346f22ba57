import type { JobChanges, JobLine, Operations, ReplyOf, TaskState } from "@causeway/contract/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api } from "../api/client.ts";
import { useEvents } from "../api/use-events.ts";

export type Task = ReplyOf<Operations["getTask"]>;

/** A task as the public API tells it. */
export const useTask = (id: string) => useQuery({ queryKey: ["task", id], queryFn: () => api.getTask({ task: id }) });

export interface LiveTask {
  state: TaskState | undefined;
  jobs: readonly JobLine[];
}

/** How a task and its jobs stand at this moment. What the public API tells of it is asked again when its status moves. */
export function useLiveTask(id: string): LiveTask {
  const cache = useQueryClient();
  const [state, setState] = useState<TaskState>();
  const [jobs, setJobs] = useState<readonly JobLine[]>([]);
  const status = useRef<string>(undefined);
  useEvents(`/web/tasks/${id}/changes`, {
    task: (fresh: TaskState) => {
      if (status.current !== fresh.status) void cache.invalidateQueries({ queryKey: ["task", id] });
      if (fresh.children) void cache.invalidateQueries({ queryKey: ["children", id] });
      status.current = fresh.status;
      setState(fresh);
    },
    jobs: (changes: JobChanges) => setJobs((known) => (changes.all ? changes.jobs : merged(known, changes.jobs))),
  });
  return { state, jobs };
}

function merged(known: readonly JobLine[], changes: readonly JobLine[]): JobLine[] {
  const fresh = new Map(changes.map((job) => [job.name, job]));
  const kept = known.map((job) => {
    const change = fresh.get(job.name);
    fresh.delete(job.name);
    return change ?? job;
  });
  return [...kept, ...fresh.values()];
}
