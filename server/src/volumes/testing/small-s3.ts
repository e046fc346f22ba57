import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { etagOf, refused, type S3Refusal, type Said } from "./small-s3-answers.ts";
import { SmallUploads } from "./small-s3-uploads.ts";

/** What a request asks of the bucket. */
export type S3Action = "list" | "read" | "write" | "remove" | "readAcl";

/** A server that speaks as much of S3 as a volume needs, and refuses what it is told to: nobody's product does so on demand. */
export interface SmallS3 {
  readonly endpoint: string;
  /** By key. */
  readonly objects: Map<string, Buffer>;
  /** What is refused from now on; `all` is whatever is asked. */
  refusals: Partial<Record<S3Action | "all", S3Refusal>>;
  /** Waited for before a request is answered, with its line as in `seen`; what it answers is a refusal. Nothing is done for a client that is gone by then. */
  before?: ((line: string) => Promise<S3Refusal | undefined>) | undefined;
  /** Whether it stores other bytes than it is sent. */
  damages: boolean;
  /** Whether it keeps a part that `before` refuses, cut and filled up, as versitygw does when a sender dies. */
  keepsCutParts: boolean;
  /** `x-amz-meta-…` of objects, by their keys. */
  readonly metadata: Map<string, Record<string, string>>;
  /** Requests so far, as `GET /lab?list-type=2`, with their headers. */
  readonly seen: { line: string; headers: IncomingMessage["headers"] }[];
  stop(): Promise<void>;
}

const MODIFIED = new Date("2026-01-30T06:00:00Z");

/** Its one bucket is called `lab`. */
export async function startSmallS3(objects: Record<string, string> = {}): Promise<SmallS3> {
  const held = new Map(Object.entries(objects).map(([key, text]) => [key, Buffer.from(text)]));
  const seen: SmallS3["seen"] = [];
  const uploads = new SmallUploads();
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    seen.push({ line, headers: request.headers });
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      const refusal = await small.before?.(line);
      if (response.destroyed) return;
      if (refusal && small.keepsCutParts) uploads.keepCut(request, Buffer.concat(chunks));
      const said = refusal ? refused(refusal) : answerOf(small, uploads, request, Buffer.concat(chunks));
      response.writeHead(said.status ?? 200, said.headers ?? {}).end(said.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const small: SmallS3 = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: held,
    refusals: {},
    damages: false,
    keepsCutParts: false,
    metadata: new Map(),
    seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return small;
}

function answerOf(small: SmallS3, uploads: SmallUploads, request: IncomingMessage, body: Buffer): Said {
  const { method, url = "/", headers: asked } = request;
  const { pathname, searchParams } = new URL(url, "http://s3");
  const key = decodeURIComponent(pathname.replace(/^\/lab\/?/, ""));
  const action = actionOf(method, key, searchParams);
  const refusal = small.refusals[action] ?? small.refusals.all;
  if (refusal) return refused(refusal);
  if (!pathname.startsWith("/lab")) return refused([404, "NoSuchBucket"]);
  if (action === "list") return { body: listOf(small.objects, searchParams) };
  if (action === "readAcl") return { body: "<AccessControlPolicy/>" };
  const named = Object.entries(asked).filter(([name]) => name.startsWith("x-amz-meta-"));
  const metadata = Object.fromEntries(named) as Record<string, string>;
  const isTaken = asked["if-none-match"] === "*" && small.objects.has(key);
  const parted = isTaken ? undefined : uploads.answer(method, searchParams, { body, metadata });
  if (parted && "object" in parted) {
    small.objects.set(key, parted.object);
    small.metadata.set(key, parted.metadata);
    return { body: `<CompleteMultipartUploadResult><ETag>${etagOf(parted.object)}</ETag></CompleteMultipartUploadResult>` };
  }
  if (parted) return parted;
  if (isTaken) return refused([412, "PreconditionFailed"]);
  if (action === "write") {
    const stored = small.damages ? Buffer.from(body).fill(0, 0, 1) : body;
    small.objects.set(key, stored);
    small.metadata.set(key, metadata);
    return { headers: { etag: etagOf(stored) } };
  }
  const bytes = small.objects.get(key);
  if (action === "remove") {
    small.objects.delete(key);
    return { status: 204 };
  }
  if (!bytes) return refused([404, "NoSuchKey"]);
  const facts = {
    ...small.metadata.get(key),
    etag: etagOf(bytes),
    "last-modified": MODIFIED.toUTCString(),
    "content-type": "text/plain",
  };
  const range = /^bytes=(\d+)-(\d+)$/.exec(asked.range ?? "");
  if (!range) return { headers: { ...facts, "content-length": bytes.length }, ...(method === "HEAD" ? {} : { body: bytes }) };
  const part = bytes.subarray(Number(range[1]), Number(range[2]) + 1);
  const end = Number(range[1]) + part.length - 1;
  return {
    status: 206,
    headers: { ...facts, "content-length": part.length, "content-range": `bytes ${range[1]}-${end}/${bytes.length}` },
    body: part,
  };
}

function actionOf(method: string | undefined, key: string, query: URLSearchParams): S3Action {
  if (method === "PUT" || method === "POST") return "write";
  if (method === "DELETE") return "remove";
  if (query.has("acl")) return "readAcl";
  return key === "" ? "list" : "read";
}

/** The token of the next page is the last key of this one. */
function listOf(objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): string {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter");
  const after = query.get("continuation-token") ?? "";
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const rolledUp = new Set<string>();
  const entries = keys.flatMap((key) => {
    const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) return [entryOf(key, objects.get(key)!)];
    rolledUp.add(key.slice(0, end + 1));
    return [];
  });
  const prefixes = [...rolledUp].map((each) => `<CommonPrefixes><Prefix>${each}</Prefix></CommonPrefixes>`);
  const limit = Number(query.get("max-keys") ?? 1000);
  const goesOn = delimiter === null && keys.length > limit;
  const next = goesOn ? `<NextContinuationToken>${keys[limit - 1]}</NextContinuationToken>` : "";
  const listed = [...entries, ...prefixes].slice(0, limit).join("");
  return `<ListBucketResult><Name>lab</Name><IsTruncated>${goesOn}</IsTruncated>${next}${listed}</ListBucketResult>`;
}

const entryOf = (key: string, bytes: Buffer): string =>
  `<Contents><Key>${key}</Key><Size>${bytes.length}</Size><LastModified>${MODIFIED.toISOString()}</LastModified><ETag>${etagOf(bytes)}</ETag><StorageClass>STANDARD</StorageClass></Contents>`;
