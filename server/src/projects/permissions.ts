/** What a member may do in a project (users-billing-projects.md §C.2). Every member has `read`. */
export interface Permissions {
  write: boolean;
  read: boolean;
  copy: boolean;
  execute: boolean;
  admin: boolean;
}

export type Permission = keyof Permissions;

export const ALL: Permissions = { write: true, read: true, copy: true, execute: true, admin: true };

/** What everybody may do in a public project. */
export const OF_THE_PUBLIC: Permissions = { write: false, read: true, copy: true, execute: false, admin: false };

/** Adds what others imply: `admin` is everything, and a member reads whatever else was said. */
export function closure(given: Partial<Permissions>): Permissions {
  if (given.admin) return { ...ALL };
  return { write: given.write ?? false, read: true, copy: given.copy ?? false, execute: given.execute ?? false, admin: false };
}

export const NONE: Permissions = { write: false, read: false, copy: false, execute: false, admin: false };
