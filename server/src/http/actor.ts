/** What a user of a division may do there: administrators see to its users and teams. */
export type DivisionRole = "MEMBER" | "ADMIN" | "EXTERNAL_COLLABORATOR";

/** All that rights ask of a user: work that goes on after its request keeps no more. */
export type ActorId = Pick<Actor, "id">;

/** The authenticated user of a request. */
export interface Actor {
  /** Our own id (a UUID), never shown. */
  readonly id: string;
  readonly username: string;
  /** Whether this user operates the platform: may make users, divisions and billing groups. */
  readonly isAdmin: boolean;
  /** The division whose user this is; null for a personal account. */
  readonly division: { readonly id: string; readonly role: DivisionRole } | null;
}
