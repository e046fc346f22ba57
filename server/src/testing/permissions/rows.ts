import {
  API_ERRORS,
  DRS_OPERATIONS,
  type DrsOperations,
  type ErrorKind,
  OPERATIONS,
  type Operation,
  type Operations,
  WEB_OPERATIONS,
  type WebOperations,
} from "@causeway/contract";
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
  readonly operation: keyof Operations | keyof WebOperations | keyof DrsOperations;
  /** What sets this row apart from the operation's others. */
  readonly of?: string;
  /** Prepares what the call needs, fresh for every role, and answers its parameters. */
  call(scene: Scene, role: Role): Promise<{ params?: Record<string, string>; query?: string; body?: unknown }>;
  /** The code that each role is refused with; whoever is not named is allowed. Nobody without a token is ever allowed. */
  readonly refused: Partial<Record<Exclude<Role, "nobody">, number>>;
  /** Of an anonymous call: the code that it is refused with. */
  readonly nobody?: number;
}

export const operationOf = ({ operation }: PermissionRow): Operation =>
  ({ ...OPERATIONS, ...WEB_OPERATIONS, ...DRS_OPERATIONS })[operation] as unknown as Operation;

/** Its path with these parameters: below `/v2`, or the whole address of a call beside the public API. */
export function targetOf(operation: Operation, params: Readonly<Record<string, string>>, { url }: World): string {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name]!);
  if (operation.id in OPERATIONS) return path;
  return url.replace(/\/v2$/, operation.id in DRS_OPERATIONS ? "/ga4gh/drs/v1" : "/web") + path;
}

/** What a refusal of the operation is told by: the error's code, or its status where errors have no code. */
export const refusalOf = ({ errorBody }: Operation, body: { code: number; status_code: number }): number =>
  errorBody === "ga4gh" ? body.status_code : body.code;

/** The same of an error that every call can answer. */
export const refusedWith = ({ errorBody }: Operation, kind: ErrorKind): number =>
  errorBody === "ga4gh" ? API_ERRORS[kind].status : API_ERRORS[kind].code;

/** Refuses strangers with one code, and with another the members of all these roles. */
export function refusing(
  stranger: number,
  code?: number,
  ...roles: Exclude<Role, "nobody" | "stranger">[]
): PermissionRow["refused"] {
  return { stranger, ...Object.fromEntries(roles.map((role) => [role, code])) };
}
