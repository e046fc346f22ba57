import { useMutation, useQueryClient } from "@tanstack/react-query";
import { reasonOf, web } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { useSession } from "./session.ts";

export function PasswordSection() {
  const { user } = useSession();
  const cache = useQueryClient();
  const { mutate, isPending, isSuccess, error } = useMutation({
    mutationFn: (body: { current?: string; password: string }) => web.changePassword({ body }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["session"] }),
  });
  return (
    <section>
      <h2>Password</h2>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const current = form.get("current");
          mutate({ password: String(form.get("password")), ...(current === null ? {} : { current: String(current) }) });
          event.currentTarget.reset();
        }}
      >
        {user?.has_password && (
          <label>
            Current password
            <input name="current" type="password" autoComplete="current-password" required />
          </label>
        )}
        <label>
          New password
          <input name="password" type="password" autoComplete="new-password" required />
        </label>
        {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
        {isSuccess && <p role="status">Your password is set. Your other sessions have ended.</p>}
        <button type="submit" disabled={isPending}>
          {user?.has_password ? "Change it" : "Set it"}
        </button>
      </form>
    </section>
  );
}
