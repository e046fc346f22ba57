import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { api } from "../api/client.ts";
import { Loading } from "../parts/loading.tsx";
import { Moment } from "../parts/moment.tsx";
import { dollars } from "../parts/words.ts";
import type { Project } from "./project.ts";
import { TaskLines } from "./task-lines.tsx";
import { useNewestTasks } from "./use-newest-tasks.ts";

const ACTIVE = ["CREATING", "QUEUED", "RUNNING", "ABORTING"];
const SHOWN = 10;

/** What runs, what failed lately, what it costs. */
export function ProjectOverview({ project }: { project: Project }) {
  const tasks = useNewestTasks(project.id);
  const { data: group } = useQuery({
    queryKey: ["billing-group", project.billing_group],
    queryFn: () => api.getBillingGroup({ billing_group: project.billing_group! }),
    enabled: project.billing_group !== undefined,
    retry: false,
  });
  const active = tasks?.filter(({ status }) => ACTIVE.includes(status)) ?? [];
  const failed = tasks?.filter(({ status }) => status === "FAILED") ?? [];
  const others = tasks?.filter(({ status }) => !ACTIVE.includes(status) && status !== "FAILED") ?? [];
  return (
    <div className="stack">
      {project.description !== "" && <p className="prose">{project.description}</p>}
      <dl className="facts">
        <div>
          <dt>Id</dt>
          <dd>{project.id}</dd>
        </div>
        <div>
          <dt>Made</dt>
          <dd>
            <Moment at={project.created_on} /> by {project.created_by}
          </dd>
        </div>
        {group && (
          <div>
            <dt>Paid by</dt>
            <dd>
              {group.name}
              {group.balance && `, ${dollars(Number(group.balance.amount))} left`}
            </dd>
          </div>
        )}
      </dl>
      {!tasks && <Loading what="Looking at the tasks" />}
      {tasks?.length === 0 && (
        <p className="empty">
          Nothing has run here yet. <Link href={`/projects/${project.id}/files`}>Upload files</Link>, then{" "}
          <Link href={`/projects/${project.id}/apps`}>choose an app</Link> to run.
        </p>
      )}
      {active.length > 0 && (
        <section aria-label="Running now">
          <h2>Running now</h2>
          <TaskLines tasks={active} />
        </section>
      )}
      {failed.length > 0 && (
        <section>
          <h2>Failed</h2>
          <TaskLines tasks={failed.slice(0, SHOWN)} />
        </section>
      )}
      {others.length > 0 && (
        <section>
          <h2>Latest</h2>
          <TaskLines tasks={others.slice(0, SHOWN)} />
        </section>
      )}
    </div>
  );
}
