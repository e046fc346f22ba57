import type { TaskLine } from "@causeway/contract/client";
import { useState } from "react";
import { useEvents } from "../api/use-events.ts";

/** The newest tasks of a project, live. Undefined until they are known. */
export function useNewestTasks(project: string): readonly TaskLine[] | undefined {
  const [tasks, setTasks] = useState<readonly TaskLine[]>();
  useEvents(`/web/projects/${project}/changes`, { tasks: ({ tasks: fresh }: { tasks: TaskLine[] }) => setTasks(fresh) });
  return tasks;
}
