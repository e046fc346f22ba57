import type { Session } from "@causeway/contract/client";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { reasonOf, web } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Loading } from "../parts/loading.tsx";

interface LinkOpeningProps {
  secret: string;
  onSignedIn: (session: Session) => void;
  onGiveUp: () => void;
}

/** Opens a link that works once: it signs in, or asks for the new password first. */
export function LinkOpening({ secret, onSignedIn, onGiveUp }: LinkOpeningProps) {
  const { mutate, data, error, isPending } = useMutation({
    mutationFn: (password: string | undefined) =>
      web.openLink({ body: { link: secret, ...(password === undefined ? {} : { password }) } }),
    onSuccess: ({ session }) => {
      if (!session) return;
      // Out of the address, and so out of the history.
      history.replaceState(null, "", location.pathname + location.search);
      onSignedIn(session);
    },
  });
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    mutate(undefined);
  }, [mutate]);
  const known = useRef<string | null>(null);
  if (data?.password_for) known.current = data.password_for;
  const username = known.current;

  if (username === null) {
    return error ? (
      <>
        <ErrorNote>{reasonOf(error)}</ErrorNote>
        <button type="button" onClick={onGiveUp}>
          Sign in with a password
        </button>
      </>
    ) : (
      <Loading />
    );
  }
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        mutate(String(new FormData(event.currentTarget).get("password")));
      }}
    >
      <p>
        Welcome, <strong>{username}</strong>. Choose a password; it is what you sign in with from now on.
      </p>
      <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
      <label>
        New password
        <input name="password" type="password" autoComplete="new-password" required />
      </label>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
      <button type="submit" className="primary" disabled={isPending}>
        Set it and sign in
      </button>
    </form>
  );
}
