import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, reasonOf } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { type Project, projectParams } from "./project.ts";

const SWITCHES = [
  [
    "use_memoization",
    "Take results of earlier jobs",
    "A job that has run before, with the same tool, inputs and image, is not run again.",
  ],
  [
    "use_interruptible_instances",
    "Use interruptible instances",
    "They cost less, and may be taken away: then the job runs again.",
  ],
  ["use_elastic_disk", "Let disks grow", "The disk of an instance grows when it fills up."],
  [
    "allow_network_access",
    "Let jobs use the network",
    "Where their app asks for it. Without this no job reaches anything outside.",
  ],
  ["locked", "Lock the project", "Keeps the platform's staff out, and hides names in billing."],
] as const;

/** Settings that say what they do. */
export function ProjectSettings({ project }: { project: Project }) {
  const cache = useQueryClient();
  const params = projectParams(project.id);
  const { mutate, variables, isPending, isSuccess, error } = useMutation({
    mutationFn: (body: Parameters<typeof api.updateProject>[0]["body"]) => api.updateProject({ ...params, body }),
    onSuccess: (fresh) => {
      cache.setQueryData(["project", project.id], fresh);
      void cache.invalidateQueries({ queryKey: ["projects"] });
    },
  });
  const mayChange = project.permissions.admin;
  return (
    <section aria-label="Settings" className="narrow">
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
          <input name="name" defaultValue={project.name} required disabled={!mayChange} />
        </label>
        <label>
          Description
          <textarea name="description" rows={5} defaultValue={project.description} disabled={!mayChange} />
        </label>
        <button type="submit" disabled={!mayChange || isPending}>
          Save
        </button>
      </form>
      {SWITCHES.map(([key, name, meaning]) => (
        <div className="form-field" key={key}>
          <label>
            <input
              type="checkbox"
              checked={(isPending ? variables?.settings?.[key] : undefined) ?? project.settings[key]}
              disabled={!mayChange || isPending}
              onChange={(event) => mutate({ settings: { [key]: event.target.checked } })}
            />{" "}
            <strong>{name}</strong>
          </label>
          <p className="doc">{meaning}</p>
        </div>
      ))}
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
      {isSuccess && <p role="status">Saved.</p>}
      {!mayChange && <p className="muted">Only administrators of the project change these.</p>}
    </section>
  );
}
