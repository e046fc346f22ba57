import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "./calls.ts";
import type { Links } from "./links.ts";

// 2^63 - 1 stands for "unlimited" and is beyond what a JavaScript number can hold, so it is written as text.
const UNLIMITED = (JSON as unknown as { rawJSON(text: string): number }).rawJSON("9223372036854775807");

/** The calls that belong to no feature: where everything is, and the caller's rate limit. */
export function generalRoutes(calls: Calls, links: Links): void {
  calls.serve(OPERATIONS.getRoot, async () => ({
    rate_limit_url: links.to("/rate_limit"),
    user_url: links.to("/user"),
    users_url: links.to("/users"),
    billing_url: links.to("/billing"),
    projects_url: links.to("/projects"),
    files_url: links.to("/files"),
    tasks_url: links.to("/tasks"),
    apps_url: links.to("/apps"),
    action_url: links.to("/action"),
    upload_url: links.to("/upload"),
    storage_url: links.to("/storage"),
  }));
  calls.serve(OPERATIONS.getRateLimit, async ({ request }) => {
    const { limit, remaining, resetAt } = request.allowance!;
    return {
      rate: { limit, remaining, reset: resetAt },
      instance_limit: { limit: -1, remaining: UNLIMITED },
    };
  });
}
