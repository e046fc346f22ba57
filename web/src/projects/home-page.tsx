import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api, reasonOf } from "../api/client.ts";
import { usePageTitle } from "../layout/page-title.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import { Moment } from "../parts/moment.tsx";
import { StatusBadge } from "../parts/status-badge.tsx";
import { NewProject } from "./new-project.tsx";

const LATELY = 8;

/** The user's projects, and what ran in them lately. */
export default function HomePage() {
  usePageTitle("Projects");
  const [isMaking, setMaking] = useState(false);
  const projects = useQuery({
    queryKey: ["projects"],
    queryFn: async () =>
      (await Array.fromAsync(api.all.listProjects({}))).toSorted((a, b) => (a.modified_on < b.modified_on ? 1 : -1)),
  });
  const tasks = useQuery({
    queryKey: ["tasks-lately"],
    queryFn: () => api.listTasks({ limit: LATELY, fields: ["id", "name", "project", "status", "created_time"] }),
  });
  return (
    <div className="stack">
      <div className="title-row">
        <h1>Projects</h1>
        <div className="actions">
          <button type="button" className="primary" onClick={() => setMaking(true)}>
            New project
          </button>
        </div>
      </div>
      {projects.error && <ErrorNote>{reasonOf(projects.error)}</ErrorNote>}
      {projects.isPending && <Loading what="Loading your projects" />}
      {projects.data?.length === 0 && <p className="empty">You have no project yet. Make one, and drop your files into it.</p>}
      <ul className="cards">
        {projects.data?.map(({ id, name, created_by, category, modified_on }) => (
          <li key={id}>
            <h2>
              <Link href={`/projects/${id}`}>{name}</Link>
            </h2>
            <p className="muted">
              {id} {category === "PUBLIC" && <span className="chip">public</span>}
            </p>
            <p className="muted">
              By {created_by}, changed <Moment at={modified_on} />
            </p>
          </li>
        ))}
      </ul>
      {tasks.data && tasks.data.items.length > 0 && (
        <section>
          <h2>Latest tasks</h2>
          <ul className="lines">
            {tasks.data.items.map(({ id, name, project, status, created_time }) => (
              <li key={id}>
                <span className="clipped">
                  <Link href={`/tasks/${id}`}>{name}</Link> <span className="muted">in {project}</span>
                </span>
                <span>
                  <StatusBadge status={status ?? ""} /> <Moment at={created_time ?? null} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {isMaking && <NewProject onClose={() => setMaking(false)} />}
    </div>
  );
}
