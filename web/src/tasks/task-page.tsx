import { useSearch } from "wouter";
import { isMissing, reasonOf } from "../api/client.ts";
import { NotFound } from "../layout/not-found.tsx";
import { usePageTitle } from "../layout/page-title.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import { DraftPage } from "./draft/draft-page.tsx";
import { StartedTask } from "./started-task.tsx";
import { useTask } from "./use-task.ts";

/** A task: the form of a draft, or how it runs and what came out. */
export default function TaskPage({ id }: { id: string }) {
  const { data: task, error } = useTask(id);
  const tab = new URLSearchParams(useSearch()).get("tab") ?? "graph";
  usePageTitle(task?.name);
  if (isMissing(error)) return <NotFound what="task" />;
  if (error && !task) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  if (!task) return <Loading what="Loading the task" />;
  return task.status === "DRAFT" ? <DraftPage task={task} /> : <StartedTask task={task} tab={tab} />;
}
