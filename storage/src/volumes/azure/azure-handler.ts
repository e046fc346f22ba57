import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { StoragePipelineOptions } from "@azure/storage-blob";
import type { HttpCall, ServiceHttp } from "../net/service-http.ts";
import { VolumeError } from "../volume-errors.ts";

type SdkClient = NonNullable<StoragePipelineOptions["httpClient"]>;

/** The client library's HTTP layer on ours, for all that is not object bytes. */
export function sdkHttpClient(http: ServiceHttp): SdkClient {
  return {
    async sendRequest(request) {
      const body = typeof request.body === "function" ? request.body() : request.body;
      const answer = await http.send({
        method: request.method,
        url: new URL(request.url),
        // Nothing is decompressed here.
        headers: { ...(request.headers.toJson({ preserveCase: true }) as Record<string, string>), "Accept-Encoding": "identity" },
        body: (body ?? undefined) as HttpCall["body"] | undefined,
        signal: request.abortSignal as AbortSignal | undefined,
      });
      // The library would follow it.
      if (answer.status >= 300 && answer.status < 400 && answer.status !== 304) {
        throw new VolumeError("Redirected", { status: answer.status });
      }
      const headers = { toJson: () => answer.headers };
      return {
        request,
        status: answer.status,
        headers,
        bodyAsText: await text(answer.body as Readable),
      } as unknown as ReturnType<SdkClient["sendRequest"]>;
    },
  };
}
