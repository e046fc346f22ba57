/** The parameters of the call that an app's id stands for: `owner/project/name` or `owner/project/name/3`. */
export function appParams(id: string): { owner: string; project: string; name: string; revision: string } {
  const [owner = "", project = "", name = "", revision = "latest"] = id.split("/");
  return { owner, project, name, revision };
}
