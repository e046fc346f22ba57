// Loaded into the platform's process before it starts: answers every message with what memory it has after a full collection.
import type { Memory } from "./memory.ts";

process.on("message", () => {
  // The second collection takes what the first one's finalizers let go.
  gc!();
  gc!();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send!({ rss, heapUsed, external } satisfies Memory);
});
