/** What happens during a run, for a log. `name` is a step path with scatter index; "" is the document itself. */
export type RunEvent =
  | { is: "started" | "skipped"; name: string }
  | { is: "ended"; name: string }
  /** All scatter items of the step `name` have ended. */
  | { is: "gathered"; name: string }
  | { is: "failed"; name: string; why: string };
