import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Loading } from "../parts/loading.tsx";
import { SessionGate } from "../session/session-gate.tsx";
import { SignInPage } from "../session/sign-in-page.tsx";
import { NotFound } from "./not-found.tsx";
import { Shell } from "./shell.tsx";

const HomePage = lazy(() => import("../projects/home-page.tsx"));
const ProjectPage = lazy(() => import("../projects/project-page.tsx"));
const TaskPage = lazy(() => import("../tasks/task-page.tsx"));
const AppPage = lazy(() => import("../apps/app-page.tsx"));
const AccountPage = lazy(() => import("../session/account-page.tsx"));

/** Which address shows what. */
export function Screens() {
  return (
    <Switch>
      <Route path="/sign-in" component={SignInPage} />
      <Route>
        <SessionGate>
          <Shell>
            <Suspense fallback={<Loading />}>
              <Switch>
                <Route path="/" component={HomePage} />
                <Route path="/projects">
                  <HomePage />
                </Route>
                <Route path="/account" component={AccountPage} />
                <Route path="/projects/:owner/:project/*?">
                  {({ owner, project, "*": rest }) => (
                    <ProjectPage key={`${owner}/${project}`} owner={owner} project={project} rest={rest ?? ""} />
                  )}
                </Route>
                <Route path="/tasks/:task">{({ task }) => <TaskPage key={task} id={task} />}</Route>
                <Route path="/apps/:owner/:project/:name/:revision?">
                  {({ owner, project, name, revision }) => (
                    <AppPage owner={owner} project={project} name={name} revision={revision ?? "latest"} />
                  )}
                </Route>
                <Route>
                  <NotFound />
                </Route>
              </Switch>
            </Suspense>
          </Shell>
        </SessionGate>
      </Route>
    </Switch>
  );
}
