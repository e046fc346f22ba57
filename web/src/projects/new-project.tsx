import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { api, reasonOf } from "../api/client.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";

export function NewProject({ onClose }: { onClose: () => void }) {
  const [, go] = useLocation();
  const cache = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: { name: string; description: string }) => api.createProject({ body }),
    onSuccess: ({ id }) => {
      void cache.invalidateQueries({ queryKey: ["projects"] });
      go(`/projects/${id}`);
    },
  });
  return (
    <Dialog title="New project" onClose={onClose}>
      <form
        className="fields"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          mutate({ name: String(form.get("name")), description: String(form.get("description")) });
        }}
      >
        <label>
          Name
          <input name="name" required />
        </label>
        <label>
          Description
          <textarea name="description" rows={4} />
        </label>
        {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
        <button type="submit" className="primary" disabled={isPending}>
          Make it
        </button>
      </form>
    </Dialog>
  );
}
