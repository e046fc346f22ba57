import { parentPort, workerData } from "node:worker_threads";
import { DocumentError } from "@causeway/cwl";
import { check, compileText } from "./check.ts";
import { packed } from "./compiled-form.ts";
import type { Compiled, DocumentAnswer, DocumentJob, Refused, ThreadData } from "./messages.ts";
import { presentedText } from "./presented.ts";
import { decodeUpload, UploadRefused } from "./upload.ts";

/** The thread that works on documents: one job after the other, nothing kept between them. */

const port = parentPort!;
const { limits } = workerData as ThreadData;

port.on("message", async (job: DocumentJob) => {
  try {
    const result = await resultOf(job);
    const transferred = typeof result === "object" && "compiled" in result ? result.compiled.map(({ buffer }) => buffer) : [];
    port.postMessage({ is: "result", result } satisfies DocumentAnswer, transferred);
  } catch (error) {
    port.postMessage({ is: "failed", error: error as Error } satisfies DocumentAnswer);
  }
});

port.postMessage({ is: "up" } satisfies DocumentAnswer);

async function resultOf(job: DocumentJob) {
  switch (job.do) {
    case "receive":
      return receive(job);
    case "compile":
      return compile(job);
    case "present":
      return presentedText(job);
  }
}

async function receive({ bytes, mediaType, shortName, uri }: DocumentJob & { do: "receive" }) {
  try {
    const { decoded, document } = await decodeUpload(bytes, mediaType, shortName, limits);
    // Should checking it end this thread, it is stored all the same, with that for its problem.
    port.postMessage({ is: "decoded", decoded } satisfies DocumentAnswer);
    return await check(document, decoded.text, uri, limits);
  } catch (error) {
    if (!(error instanceof UploadRefused)) throw error;
    return { refused: error.kind, detail: error.detail } satisfies Refused;
  }
}

async function compile({ text, uri }: DocumentJob & { do: "compile" }): Promise<Compiled> {
  try {
    return { compiled: packed(await compileText(text, uri, limits)) };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { problems: error.problems };
  }
}
