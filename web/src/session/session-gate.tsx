import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { Redirect, useLocation } from "wouter";
import { reasonOf, rememberSession, web, whenSignedOut } from "../api/client.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";
import { SessionContext } from "./session.ts";
import { SignInForm } from "./sign-in-form.tsx";

/**
 * Lets those through who are signed in. When the session ends while a page is open, the page stays as it is below the
 * form: nothing that was typed is lost.
 */
export function SessionGate({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const [place] = useLocation();
  const [isOver, setOver] = useState(false);
  const { data: session, error } = useQuery({
    queryKey: ["session"],
    queryFn: async () => {
      const found = await web.getSession();
      rememberSession(found);
      return found;
    },
    staleTime: 60_000,
  });
  useEffect(() => whenSignedOut(() => setOver(true)), []);
  const wasIn = useWasTrue(session?.user != null);

  if (error && !session) return <ErrorNote>{reasonOf(error)}</ErrorNote>;
  if (!session) return <Loading />;
  if (!session.user && !wasIn) return <Redirect to={place === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(place)}`} />;
  const isOut = isOver || !session.user;
  return (
    <SessionContext value={session}>
      {children}
      {isOut && (
        <Dialog title="Your session has ended" onClose={() => {}}>
          <p>Sign in again; the page below stays as it is.</p>
          <SignInForm
            username={session.user?.username ?? ""}
            onSignedIn={(fresh) => {
              rememberSession(fresh);
              cache.setQueryData(["session"], fresh);
              setOver(false);
              void cache.invalidateQueries();
            }}
          />
        </Dialog>
      )}
    </SessionContext>
  );
}

function useWasTrue(value: boolean): boolean {
  const [was, setWas] = useState(value);
  if (value && !was) setWas(true);
  return was;
}
