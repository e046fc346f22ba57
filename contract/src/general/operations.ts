import { operation } from "../operation.ts";
import { Feedback, RateLimit, Root } from "./shapes.ts";

export const getRoot = operation({
  id: "getRoot",
  method: "GET",
  path: "/",
  tag: "general",
  summary: "List where everything is",
  status: 200,
  reply: Root,
  anonymous: true,
  counted: false,
  errors: [],
});

export const getRateLimit = operation({
  id: "getRateLimit",
  method: "GET",
  path: "/rate_limit",
  tag: "general",
  summary: "Get the caller's rate limit",
  status: 200,
  reply: RateLimit,
  counted: false,
  errors: [],
});

export const sendFeedback = operation({
  id: "sendFeedback",
  method: "POST",
  path: "/action/notifications/feedback",
  tag: "general",
  summary: "Send feedback to the operators, once a minute",
  body: Feedback,
  status: 204,
  errors: ["rateLimitExceeded"],
});
