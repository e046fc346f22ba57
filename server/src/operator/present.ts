import { timestamp } from "@causeway/contract";
import type { Feedback } from "../feedback/service.ts";
import type { UserRow } from "../users/service.ts";

/** A user as operators see one: nothing of the profile but the name, everything of the access. */
export const presentAccount = (user: UserRow) => ({
  username: user.username,
  email: user.email,
  first_name: user.first_name,
  last_name: user.last_name,
  is_admin: user.is_admin,
  disabled: user.disabled_at !== null,
  ...(user.division_id === null ? {} : { division: user.division_id, role: user.division_role! }),
  tags: user.tags,
  created_on: timestamp(user.created_at),
});

/** What a user said, and when. */
export const presentFeedback = ({ username, kind, text, referrer, sent_at }: Feedback) => ({
  username,
  type: kind,
  text,
  referrer,
  sent_on: timestamp(sent_at),
});
