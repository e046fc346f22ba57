/** The authenticated user of a request. */
export interface Actor {
  /** Our own id (a UUID), never shown. */
  readonly id: string;
  readonly username: string;
  /** Whether this user operates the platform: may make users, divisions and billing groups. */
  readonly isAdmin: boolean;
}
