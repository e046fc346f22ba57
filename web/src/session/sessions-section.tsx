import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { reasonOf, web } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Moment } from "../parts/moment.tsx";

/** Where the user is signed in, each to be ended. */
export function SessionsSection() {
  const cache = useQueryClient();
  const { data, error } = useQuery({ queryKey: ["sessions"], queryFn: () => web.listSessions() });
  const end = useMutation({
    mutationFn: (session: string) => web.endSession({ session }),
    onSettled: () => cache.invalidateQueries({ queryKey: ["sessions"] }),
  });
  return (
    <section>
      <h2>Sessions</h2>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
      <ul className="lines">
        {data?.sessions.map(({ id, browser, address, created_on, used_on, is_this }) => (
          <li key={id}>
            <div>
              <strong>{shortBrowser(browser)}</strong> from {address} {is_this && <span className="chip">this one</span>}
              <div className="muted">
                Signed in <Moment at={created_on} />, used <Moment at={used_on} />
              </div>
            </div>
            {!is_this && (
              <button type="button" onClick={() => end.mutate(id)} aria-label={`End the session of ${shortBrowser(browser)}`}>
                End
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `Firefox on Linux`, as far as the browser says so. */
function shortBrowser(text: string): string {
  const name = /Firefox|Edg|Chrome|Safari|curl|python/.exec(text)?.[0].replace("Edg", "Edge") ?? "A program";
  const system = /Windows|Mac OS|Android|iPhone|iPad|Linux/.exec(text)?.[0];
  return system === undefined ? name : `${name} on ${system}`;
}
