import type { Operations, ReplyOf } from "@causeway/contract/client";

export type Project = ReplyOf<Operations["getProject"]>;

/** `owner/short-name` as the parameters of calls. */
export function projectParams(id: string): { owner: string; project: string } {
  const [owner = "", project = ""] = id.split("/");
  return { owner, project };
}
