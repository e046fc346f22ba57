import type { Links } from "../http/links.ts";
import type { UserRow } from "./queries.ts";

/** The public shape of a user. */
export function presentUser(user: UserRow, links: Links) {
  const { username, email, first_name, last_name, tags, affiliation, phone, address, city, state, country, zip_code } = user;
  return {
    href: links.to(`/users/${username}`),
    username,
    email,
    first_name,
    last_name,
    role: user.division_role ?? (user.is_admin ? ("ADMIN" as const) : ("MEMBER" as const)),
    tags,
    affiliation,
    phone,
    address,
    city,
    state,
    country,
    zip_code,
  };
}
