import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request asks of the bucket. */
export type S3Action = "list" | "read" | "write" | "remove" | "readAcl";

/** Status and code of a refusal. */
export type S3Refusal = readonly [status: number, code: string];

/** A server that speaks as much of S3 as a volume needs, and refuses what it is told to: nobody's product does so on demand. */
export interface SmallS3 {
  readonly endpoint: string;
  /** By key. */
  readonly objects: Map<string, Buffer>;
  /** What is refused from now on; `all` is whatever is asked. */
  refusals: Partial<Record<S3Action | "all", S3Refusal>>;
  /** Waited for before a request is answered, with its line as in `seen`; nothing is done for a client that is gone by then. */
  before?: ((line: string) => Promise<void>) | undefined;
  /** Whether it stores other bytes than it is sent. */
  damages: boolean;
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
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    seen.push({ line, headers: request.headers });
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      await small.before?.(line);
      if (response.destroyed) return;
      const { status = 200, headers = {}, body } = answerOf(small, request, Buffer.concat(chunks));
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const small: SmallS3 = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects: held,
    refusals: {},
    damages: false,
    metadata: new Map(),
    seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return small;
}

interface Said {
  status?: number;
  headers?: Record<string, string | number>;
  body?: string | Buffer;
}

function answerOf(small: SmallS3, { method, url = "/", headers: asked }: IncomingMessage, body: Buffer): Said {
  const { pathname, searchParams } = new URL(url, "http://s3");
  const key = decodeURIComponent(pathname.replace(/^\/lab\/?/, ""));
  const action = actionOf(method, key, searchParams);
  const refusal = small.refusals[action] ?? small.refusals.all;
  if (refusal) return refused(refusal);
  if (!pathname.startsWith("/lab")) return refused([404, "NoSuchBucket"]);
  if (action === "list") return { body: listOf(small.objects, searchParams) };
  if (action === "readAcl") return { body: "<AccessControlPolicy/>" };
  if (action === "write") {
    if (asked["if-none-match"] === "*" && small.objects.has(key)) return refused([412, "PreconditionFailed"]);
    const stored = small.damages ? Buffer.from(body).fill(0, 0, 1) : body;
    small.objects.set(key, stored);
    const named = Object.entries(asked).filter(([name]) => name.startsWith("x-amz-meta-"));
    small.metadata.set(key, Object.fromEntries(named) as Record<string, string>);
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
  if (method === "PUT") return "write";
  if (method === "DELETE") return "remove";
  if (query.has("acl")) return "readAcl";
  return key === "" ? "list" : "read";
}

const refused = ([status, code]: S3Refusal): Said => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<Error><Code>${code}</Code></Error>`,
});

const etagOf = (bytes: Buffer): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

/** A whole list without pages: tests keep less than a page. */
function listOf(objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): string {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter");
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const rolledUp = new Set<string>();
  const entries = keys.flatMap((key) => {
    const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) return [entryOf(key, objects.get(key)!)];
    rolledUp.add(key.slice(0, end + 1));
    return [];
  });
  const prefixes = [...rolledUp].map((each) => `<CommonPrefixes><Prefix>${each}</Prefix></CommonPrefixes>`);
  const limit = Number(query.get("max-keys") ?? 1000);
  return `<ListBucketResult><Name>lab</Name><IsTruncated>false</IsTruncated>${[...entries, ...prefixes].slice(0, limit).join("")}</ListBucketResult>`;
}

const entryOf = (key: string, bytes: Buffer): string =>
  `<Contents><Key>${key}</Key><Size>${bytes.length}</Size><LastModified>${MODIFIED.toISOString()}</LastModified><ETag>${etagOf(bytes)}</ETag><StorageClass>STANDARD</StorageClass></Contents>`;
