import type { AppView } from "@causeway/contract/client";
import { lazy, Suspense } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { isMissing, reasonOf } from "../api/client.ts";
import { NotFound } from "../layout/not-found.tsx";
import { usePageTitle } from "../layout/page-title.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { AppDocument } from "./app-document.tsx";
import { AppPorts } from "./app-ports.tsx";
import { useAppView } from "./use-app-view.ts";
import { useNewDraft } from "./use-new-draft.ts";

const GraphView = lazy(async () => ({ default: (await import("../tasks/graph/graph-view.tsx")).GraphView }));

interface AppPageProps {
  owner: string;
  project: string;
  name: string;
  revision: string;
}

const PARTS = ["Graph", "Ports", "Document"];

/** An app at a revision: its graph, what it takes and gives, its document; and a way to run it. */
export default function AppPage({ owner, project, name, revision }: AppPageProps) {
  const [, go] = useLocation();
  const tab = new URLSearchParams(useSearch()).get("tab") ?? "graph";
  const { data: view, error } = useAppView(`${owner}/${project}/${name}/${revision}`);
  const draft = useNewDraft(`${owner}/${project}`);
  usePageTitle(view?.label);
  if (isMissing(error)) return <NotFound what="app" />;
  if (error && !view) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  if (!view) return <Loading what="Loading the app" />;
  const number = Number(view.id.split("/")[3]);
  const here = `/apps/${owner}/${project}/${name}`;
  return (
    <>
      <header>
        <p className="crumbs">
          <Link href="/">Projects</Link> / <Link href={`/projects/${owner}/${project}`}>{`${owner}/${project}`}</Link> /{" "}
          <Link href={`/projects/${owner}/${project}/apps`}>Apps</Link>
        </p>
        <div className="title-row">
          <h1>{view.label}</h1>
          <label>
            Revision{" "}
            <select value={number} onChange={({ target }) => go(`${here}/${target.value}`)}>
              {Array.from({ length: (view.latest_revision ?? number) + 1 }, (_, one) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the number is what it is
                <option key={one}>{one}</option>
              )).reverse()}
            </select>
          </label>
          <div className="actions">
            <button
              type="button"
              className="primary"
              disabled={draft.isPending || view.problems.length > 0}
              onClick={() => draft.mutate(view.id)}
            >
              Run
            </button>
          </div>
        </div>
        {draft.error && <ErrorNote>{reasonOf(draft.error)}</ErrorNote>}
        {view.doc !== "" && <p className="prose">{view.doc}</p>}
        {view.images.length > 0 && <p className="muted">Images: {view.images.join(", ")}</p>}
      </header>
      <Problems view={view} />
      <Tabs
        label="Parts of the app"
        tabs={PARTS.map((part) => ({
          name: part,
          href: `${here}/${number}?tab=${part.toLowerCase()}`,
          isHere: part.toLowerCase() === tab,
        }))}
      />
      {tab === "graph" && view.graph.nodes.length > 0 && (
        <Suspense fallback={<Loading what="Drawing the graph" />}>
          <GraphView graph={view.graph} />
        </Suspense>
      )}
      {tab === "ports" && <AppPorts view={view} />}
      {tab === "document" && (
        <AppDocument owner={owner} project={project} name={name} revision={number} latest={view.latest_revision ?? number} />
      )}
    </>
  );
}

function Problems({ view }: { view: AppView }) {
  if (view.problems.length === 0) return null;
  return (
    <section className="note bad" aria-label="Problems">
      <h2>The document cannot be run</h2>
      <ul>
        {view.problems.map(({ file, line, column, message }) => (
          <li key={`${file}:${line}:${column}:${message}`}>
            Line {line}, column {column}: {message}
          </li>
        ))}
      </ul>
    </section>
  );
}
