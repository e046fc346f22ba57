import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { isMissing, reasonOf } from "../api/client.ts";
import { AppList } from "../apps/app-list.tsx";
import { NotFound } from "../layout/not-found.tsx";
import { usePageTitle } from "../layout/page-title.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { MembersSection } from "./members-section.tsx";
import { ProjectOverview } from "./project-overview.tsx";
import { ProjectSettings } from "./project-settings.tsx";
import { ProjectTasks } from "./project-tasks.tsx";
import { useProject } from "./use-project.ts";

const FileBrowser = lazy(() => import("../files/file-browser.tsx"));

const PARTS = [
  ["", "Overview"],
  ["files", "Files"],
  ["apps", "Apps"],
  ["tasks", "Tasks"],
  ["members", "Members"],
  ["settings", "Settings"],
] as const;

/** A project and its parts: `rest` is the address below it. */
export default function ProjectPage({ owner, project, rest }: { owner: string; project: string; rest: string }) {
  const id = `${owner}/${project}`;
  const { data, error } = useProject(id);
  const [part = "", folder] = rest.split("/");
  usePageTitle(data && `${data.name}${part === "" ? "" : `, ${part}`}`);
  if (isMissing(error)) return <NotFound what="project" />;
  if (error && !data) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  if (!data) return <Loading what="Loading the project" />;
  return (
    <>
      <header>
        <p className="crumbs">
          <Link href="/">Projects</Link> / {owner}
        </p>
        <h1>{data.name}</h1>
      </header>
      <Tabs
        label="Parts of the project"
        tabs={PARTS.map(([path, name]) => ({
          name,
          href: `/projects/${id}${path === "" ? "" : `/${path}`}`,
          isHere: part === path,
        }))}
      />
      {part === "" && <ProjectOverview project={data} />}
      {part === "files" && (
        <Suspense fallback={<Loading />}>
          <FileBrowser key={folder ?? data.root_folder} project={data} folder={folder ?? data.root_folder} />
        </Suspense>
      )}
      {part === "apps" && <AppList project={data} />}
      {part === "tasks" && <ProjectTasks project={data} />}
      {part === "members" && <MembersSection project={data} />}
      {part === "settings" && <ProjectSettings project={data} />}
    </>
  );
}
