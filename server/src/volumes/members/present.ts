import type { Operations, ReplyOf } from "@causeway/contract";
import type { Links } from "../../http/links.ts";
import { pathOfVolume } from "../present.ts";
import type { MemberOfVolume } from "./service.ts";

/** The public shape of a member of a volume. */
export const presentVolumeMember = (
  { volume, member: { id, email, type, permissions } }: MemberOfVolume,
  links: Links,
): ReplyOf<Operations["getVolumeMember"]> => ({
  href: links.to(`${pathOfVolume(volume)}/members/${id}`),
  id,
  username: id,
  email,
  type,
  permissions,
});
