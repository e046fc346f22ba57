import type { Session } from "@causeway/contract/client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useSearch } from "wouter";
import { rememberSession } from "../api/client.ts";
import { usePageTitle } from "../layout/page-title.ts";
import { LinkOpening } from "./link-opening.tsx";
import { SignInForm } from "./sign-in-form.tsx";

/** Where everybody begins: with a password, or with a link that works once (its secret stands behind the `#`). */
export function SignInPage() {
  usePageTitle("Sign in");
  const cache = useQueryClient();
  const [, go] = useLocation();
  const next = placeIn(new URLSearchParams(useSearch()).get("next"));
  const [secret, setSecret] = useState(() => location.hash.slice(1));
  const onSignedIn = (session: Session) => {
    rememberSession(session);
    cache.clear();
    cache.setQueryData(["session"], session);
    go(next, { replace: true });
  };
  return (
    <main className="sign-in" id="main">
      <h1>
        <img src={new URL("../causeway.svg", import.meta.url).href} alt="" width="40" height="40" /> Causeway
      </h1>
      {secret === "" ? (
        <>
          <SignInForm onSignedIn={onSignedIn} />
          <p className="muted">
            No password yet, or forgotten? Whoever runs this platform makes you a link: <code>causeway user invite NAME</code>.
          </p>
        </>
      ) : (
        <LinkOpening secret={secret} onSignedIn={onSignedIn} onGiveUp={() => setSecret("")} />
      )}
    </main>
  );
}

/** Only a place of this site: an address may have been made by anybody. */
function placeIn(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : "/";
}
