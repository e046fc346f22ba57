import type { Operations } from "@causeway/contract";
import type { World } from "../world.ts";

/**
 * Who calls: somebody without a token, a user who is no member, members who have one permission beside `read`, a member
 * with `admin`, and the project's owner.
 */
export const ROLES = ["nobody", "stranger", "read", "copy", "write", "execute", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** A project with a member of each kind; users are called like their roles. */
export interface Scene {
  readonly world: World;
  readonly project: { id: string; root_folder: string; [key: string]: unknown };
  /** A name that nothing has yet. */
  fresh(): string;
}

/** What one operation answers to each role. Operations whose answer depends on what they are asked have several rows. */
export interface PermissionRow {
  readonly operation: keyof Operations;
  /** What sets this row apart from the operation's others. */
  readonly of?: string;
  /** Prepares what the call needs, fresh for every role, and answers its parameters. */
  call(scene: Scene, role: Role): Promise<{ params?: Record<string, string>; query?: string; body?: unknown }>;
  /** The code that each role is refused with; whoever is not named is allowed. Nobody without a token is ever allowed. */
  readonly refused: Partial<Record<Exclude<Role, "nobody">, number>>;
}

/** Refuses strangers with one code, and with another the members of all these roles. */
export function refusing(
  stranger: number,
  code?: number,
  ...roles: Exclude<Role, "nobody" | "stranger">[]
): PermissionRow["refused"] {
  return { stranger, ...Object.fromEntries(roles.map((role) => [role, code])) };
}
