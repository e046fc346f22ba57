import type { Readable } from "node:stream";
import type { HttpCall, ServiceHttp } from "../net/service-http.ts";

/** What the SDK hands to its HTTP layer; structurally, so that the types of its inner packages are not needed. */
interface SdkRequest {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * The SDK's HTTP layer on ours. `bytes` says whether good answers are object bytes; `answerMs` is for the SDK's
 * CompleteMultipartUpload, for which a service may take minutes.
 */
export function sdkHandler(http: ServiceHttp, { bytes }: { bytes: boolean }) {
  return {
    async handle(request: SdkRequest, { abortSignal, requestTimeout }: { abortSignal?: unknown; requestTimeout?: number } = {}) {
      const answer = await http.send({
        method: request.method,
        url: urlOf(request),
        headers: withoutHost(request.headers),
        body: request.body as HttpCall["body"],
        bytes,
        ...(requestTimeout === undefined ? {} : { answerMs: requestTimeout }),
        signal: abortSignal as AbortSignal | undefined,
      });
      return { response: { statusCode: answer.status, headers: answer.headers, body: answer.body as Readable } };
    },
    destroy: () => http.close(),
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): URL {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => (each === null ? escaped(name) : `${escaped(name)}=${escaped(each)}`)),
  );
  const search = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  return new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${search}`);
}

/** As the signature has it: RFC 3986, where `encodeURIComponent` leaves five characters alone. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Node sets it from the URL, to the same. */
function withoutHost(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "host"));
}
