import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { reasonOf, web } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { useSession } from "../session/session.ts";
import { applyTheme, chosenTheme, type Theme } from "./theme.ts";

const THEMES: readonly [Theme, string][] = [
  ["auto", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** Who is signed in, the look of the pages, and the way out. */
export function UserMenu() {
  const { user } = useSession();
  const [theme, setTheme] = useState(chosenTheme);
  const signOut = useMutation({ mutationFn: () => web.signOut(), onSuccess: () => location.assign("/sign-in") });
  return (
    <div className="user-menu">
      <button type="button" popoverTarget="user-menu" className="quiet">
        {user?.username}
        <span aria-hidden="true"> ▾</span>
      </button>
      <div id="user-menu" popover="auto" className="menu">
        <Link href="/account">Account, sessions and token</Link>
        <label>
          Look
          <select
            value={theme}
            onChange={(event) => {
              const chosen = event.target.value as Theme;
              setTheme(chosen);
              applyTheme(chosen);
            }}
          >
            {THEMES.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => signOut.mutate()}>
          Sign out
        </button>
        {signOut.error && <ErrorNote>{reasonOf(signOut.error)}</ErrorNote>}
      </div>
    </div>
  );
}
