import type { Session } from "@causeway/contract/client";
import { useMutation } from "@tanstack/react-query";
import { reasonOf, web } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";

interface Given {
  username: string;
  password: string;
}

export function SignInForm({ username = "", onSignedIn }: { username?: string; onSignedIn: (session: Session) => void }) {
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Given) => web.signIn({ body }),
    onSuccess: onSignedIn,
  });
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        mutate({ username: String(form.get("username")), password: String(form.get("password")) });
      }}
    >
      <label>
        Username
        <input
          name="username"
          autoComplete="username"
          defaultValue={username}
          required
          autoCapitalize="none"
          spellCheck={false}
        />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
      <button type="submit" className="primary" disabled={isPending}>
        {isPending ? "Signing in…" : "Sign in"}
      </button>
    </form>
  );
}
