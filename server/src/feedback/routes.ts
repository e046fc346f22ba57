import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { FeedbackService } from "./service.ts";

export function feedbackRoutes(calls: Calls, feedback: FeedbackService): void {
  calls.serve(OPERATIONS.sendFeedback, async ({ actor, body }) => feedback.send(actor, body));
}
