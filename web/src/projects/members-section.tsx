import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, reasonOf } from "../api/client.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { type Project, projectParams } from "./project.ts";

const PERMISSIONS = [
  ["read", "see everything"],
  ["copy", "download and copy files"],
  ["write", "add, change and remove files and apps"],
  ["execute", "run and abort tasks"],
  ["admin", "all of it, and manage members"],
] as const;

type Permission = (typeof PERMISSIONS)[number][0];

/** Who may do what in a project. */
export function MembersSection({ project }: { project: Project }) {
  const params = projectParams(project.id);
  const cache = useQueryClient();
  const settled = { onSettled: () => cache.invalidateQueries({ queryKey: ["members", project.id] }) };
  const { data: members, error } = useQuery({
    queryKey: ["members", project.id],
    queryFn: () => Array.fromAsync(api.all.listMembers({ ...params, fields: "_all" })),
  });
  const change = useMutation({
    mutationFn: ({ username, permission, value }: { username: string; permission: Permission; value: boolean }) =>
      api.changeMemberPermissions({ ...params, username, body: { [permission]: value } }),
    ...settled,
  });
  const remove = useMutation({ mutationFn: (username: string) => api.removeMember({ ...params, username }), ...settled });
  const add = useMutation({
    mutationFn: (username: string) => api.addMember({ ...params, body: { username, permissions: { read: true } } }),
    ...settled,
  });
  /** What was pressed shows at once. */
  const changing = (username: string | undefined, permission: Permission): boolean | undefined => {
    const { variables, isPending } = change;
    return isPending && variables.username === username && variables.permission === permission ? variables.value : undefined;
  };
  const mayManage = project.permissions.admin;
  const failure = error ?? change.error ?? remove.error ?? add.error;
  return (
    <section aria-label="Members">
      {failure && <ErrorNote>{reasonOf(failure)}</ErrorNote>}
      <section className="scroll" aria-label="Members and their permissions">
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Member</th>
              {PERMISSIONS.map(([permission, meaning]) => (
                <th scope="col" key={permission} title={meaning}>
                  {permission}
                </th>
              ))}
              <th scope="col">
                <span className="hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {members?.map(({ id, username, type, permissions }) => (
              <tr key={id}>
                <th scope="row">
                  {username} {type !== "USER" && <span className="chip">{type?.toLowerCase()}</span>}
                </th>
                {PERMISSIONS.map(([permission, meaning]) => (
                  <td key={permission}>
                    <input
                      type="checkbox"
                      aria-label={`${username} may ${meaning}`}
                      checked={changing(username, permission) ?? permissions?.[permission] ?? false}
                      disabled={!mayManage || permission === "read" || change.isPending}
                      onChange={(event) => change.mutate({ username: id!, permission, value: event.target.checked })}
                    />
                  </td>
                ))}
                <td>
                  {mayManage && (
                    <button type="button" className="small" onClick={() => remove.mutate(id!)} aria-label={`Remove ${username}`}>
                      Remove
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="muted">{PERMISSIONS.map(([permission, meaning]) => `${permission}: ${meaning}`).join("; ")}.</p>
      {mayManage && (
        <form
          className="toolbar"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate(String(new FormData(event.currentTarget).get("username")));
            event.currentTarget.reset();
          }}
        >
          <label>
            Username <input name="username" required autoCapitalize="none" spellCheck={false} />
          </label>
          <button type="submit">Add as a reader</button>
        </form>
      )}
    </section>
  );
}
