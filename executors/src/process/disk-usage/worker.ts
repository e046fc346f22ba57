import { parentPort } from "node:worker_threads";
import { measure, type Question } from "./measure.ts";

// Looks at what jobs have on the disk. In a thread: a tool may make millions of files.

parentPort!.on("message", (questions: Question[]) => {
  parentPort!.postMessage(questions.map(measure));
});
