import { parentPort, workerData } from "node:worker_threads";

// Asks for one address again and again, and tells the slowest answer since it was asked the last time.
const { url, token, everyMs = 5 } = workerData as { url: string; token: string; everyMs?: number };
let slowest = 0;
let asked = false;
parentPort!.on("message", () => (asked = true));

for (;;) {
  const start = performance.now();
  const response = await fetch(url, { headers: { "x-sbg-auth-token": token } });
  await response.arrayBuffer();
  slowest = Math.max(slowest, performance.now() - start);
  if (asked) {
    parentPort!.postMessage(slowest);
    slowest = 0;
    asked = false;
  }
  await new Promise((wake) => setTimeout(wake, everyMs));
}
