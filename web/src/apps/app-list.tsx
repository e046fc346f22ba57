import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, reasonOf } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import type { Project } from "../projects/project.ts";
import { InstallApp } from "./install-app.tsx";
import { useNewDraft } from "./use-new-draft.ts";

/** The apps of a project, each to be run with one press. */
export function AppList({ project }: { project: Project }) {
  const [isInstalling, setInstalling] = useState(false);
  const { data: apps, error } = useQuery({
    queryKey: ["apps", project.id],
    queryFn: () => Array.fromAsync(api.all.listApps({ project: project.id })),
  });
  const draft = useNewDraft(project.id);
  return (
    <section aria-label="Apps">
      <div className="toolbar">
        {project.permissions.write && (
          <button type="button" onClick={() => setInstalling(true)}>
            Install an app
          </button>
        )}
      </div>
      {(error ?? draft.error) && <ErrorNote>{reasonOf(error ?? draft.error)}</ErrorNote>}
      {!apps && !error && <Loading what="Loading the apps" />}
      {apps?.length === 0 && <p className="empty">There is no app yet. Install one from a CWL file.</p>}
      <ul className="cards">
        {apps?.map(({ id, name, revision }) => (
          <li key={id}>
            <h2>
              <Link href={`/apps/${id}`}>{name}</Link>
            </h2>
            <p className="muted">
              {id.split("/")[2]}, revision {revision}
            </p>
            {project.permissions.execute && (
              <button type="button" className="primary" disabled={draft.isPending} onClick={() => draft.mutate(id)}>
                Run<span className="hidden"> {name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {isInstalling && <InstallApp project={project} onClose={() => setInstalling(false)} />}
    </section>
  );
}
