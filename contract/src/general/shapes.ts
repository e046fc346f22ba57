import { Type } from "typebox";
import { Answer, Filled, Href, OneOf } from "../forms.ts";

/** `GET /v2/`: where everything is (conventions.md §2); no address ends in a slash. */
export const Root = Answer({
  rate_limit_url: Href("The caller's rate limit."),
  user_url: Href("The caller."),
  users_url: Href("Users."),
  billing_url: Href("Billing groups and invoices."),
  projects_url: Href("Projects."),
  files_url: Href("Files and folders."),
  tasks_url: Href("Tasks."),
  apps_url: Href("Apps."),
  action_url: Href("Actions on several things."),
  upload_url: Href("Uploads."),
  storage_url: Href("Volumes, imports and exports."),
});

/** `GET /v2/rate_limit` (conventions.md §9). */
export const RateLimit = Answer({
  rate: Answer({
    limit: Type.Integer({ description: "Requests a user may make in one window." }),
    remaining: Type.Integer({ description: "Requests left in this window.", minimum: 0 }),
    reset: Type.Integer({ description: "When the next window begins: Unix seconds." }),
  }),
  instance_limit: Answer({
    limit: Type.Integer({ description: "Compute instances the user may run at once; -1: no limit.", minimum: -1 }),
    // Without a limit this is 2^63 - 1, which a double holds only roughly: whoever writes it writes text.
    remaining: Type.Number({ description: "Instances that are free; 9223372036854775807 without a limit." }),
  }),
});

/** `POST /v2/action/notifications/feedback` (users-billing-projects.md §G). */
export const Feedback = Type.Object({
  text: Filled("What the user has to say."),
  type: Type.Optional(OneOf(["idea", "thought", "problem"], "What it is about.")),
  referrer: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: "Who says it, in words." })),
});

/** The body of every 4xx and 5xx answer (conventions.md §8). */
export const ErrorBody = Answer({
  status: Type.Integer({ description: "The HTTP status." }),
  code: Type.Integer({ description: "The number of the error; it never changes its meaning." }),
  message: Type.String({ description: "What is wrong." }),
  more_info: Href("The page about the code."),
});
