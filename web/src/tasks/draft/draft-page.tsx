import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link, useLocation } from "wouter";
import { api, reasonOf } from "../../api/client.ts";
import { useAppView } from "../../apps/use-app-view.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Loading } from "../../parts/loading.tsx";
import { useProject } from "../../projects/use-project.ts";
import type { Task } from "../use-task.ts";
import { BatchFields } from "./batch-fields.tsx";
import { ExecutionFields } from "./execution-fields.tsx";
import { FormContext } from "./form-context.ts";
import { PortField } from "./port-field.tsx";
import { useDraft } from "./use-draft.ts";

/** The form of a draft, made from what its app takes. */
export function DraftPage({ task }: { task: Task }) {
  const cache = useQueryClient();
  const [, go] = useLocation();
  const { values, isSaved, failure, change, setInput, run } = useDraft(task);
  const { data: view, error: viewError } = useAppView(task.app);
  const { data: project, error: projectError } = useProject(task.project);
  const discard = useMutation({
    mutationFn: () => api.deleteTask({ task: task.id }),
    onSuccess: () => {
      cache.removeQueries({ queryKey: ["task", task.id] });
      go(`/projects/${task.project}/tasks`);
    },
  });
  const context = useMemo(
    () => (project ? { project, problems: task.errors.concat(task.warnings) } : undefined),
    [project, task.errors, task.warnings],
  );
  const ports = new Set(view?.inputs.map(({ id }) => id));
  const others = task.errors.filter(({ input }) => !ports.has((input ?? "").split(/[.[]/)[0]!));
  const error = viewError ?? projectError;
  if (error && !(view && project)) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  if (!view || !context) return <Loading what="Making the form" />;
  return (
    <FormContext value={context}>
      <header>
        <p className="crumbs">
          <Link href="/">Projects</Link> / <Link href={`/projects/${task.project}`}>{task.project}</Link> / New task
        </p>
        <h1>Run {view.label}</h1>
        {view.doc !== "" && <p className="prose muted">{view.doc}</p>}
      </header>
      {view.problems.length > 0 && (
        <ErrorNote>
          The app cannot be run: <Link href={`/apps/${task.app}`}>see its problems</Link>.
        </ErrorNote>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <div className="form-field">
          <label className="label" htmlFor="task-name">
            Name of the task
          </label>
          <input id="task-name" defaultValue={task.name} required onChange={(event) => change({ name: event.target.value })} />
        </div>
        {view.inputs.map((port) => (
          <PortField key={port.id} port={port} value={values[port.id] ?? null} onChange={(value) => setInput(port.id, value)} />
        ))}
        {view.inputs.length === 0 && <p className="muted">The app takes nothing.</p>}
        <BatchFields task={task} inputs={view.inputs} values={values} onChange={change} />
        <ExecutionFields task={task} onChange={change} />
        {others.map(({ code, message }) => (
          <ErrorNote key={code + message}>{message}</ErrorNote>
        ))}
        {failure !== undefined && <ErrorNote>Not saved: {failure}</ErrorNote>}
        {run.error && <ErrorNote>{reasonOf(run.error)}</ErrorNote>}
        <div className="run-bar">
          <button type="submit" className="primary" disabled={run.isPending || !project?.permissions.execute}>
            {run.isPending ? "Starting…" : "Run"}
          </button>
          <button type="button" disabled={discard.isPending} onClick={() => discard.mutate()}>
            Discard the draft
          </button>
          <span className="muted" role="status">
            {isSaved ? "Everything is kept." : "Keeping what you typed…"}
            {!project?.permissions.execute && " You may not run tasks in this project."}
          </span>
        </div>
      </form>
    </FormContext>
  );
}
