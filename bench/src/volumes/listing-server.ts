// A bucket that has as many objects as it is told, all below `run/`, and stores none of them: what it costs to list it is
// what a provider's page costs at least. Prints its endpoint.
//     node bench/src/volumes/listing-server.ts OBJECTS
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const objects = Number(process.argv[2]);
const keyOf = (number: number) => `run/sample_${String(number).padStart(7, "0")}.bam`;

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? "/", "http://bucket");
  if (!searchParams.has("list-type")) {
    response.writeHead(206, { etag: '"e"', "content-length": 1, "content-range": "bytes 0-0/1" }).end("x");
    return;
  }
  const from = Number(searchParams.get("continuation-token") ?? 0);
  const end = Math.min(objects, from + Number(searchParams.get("max-keys") ?? 1000));
  const entries = Array.from({ length: end - from }, (_, index) => entryOf(from + index)).join("");
  const next = end < objects ? `<NextContinuationToken>${end}</NextContinuationToken>` : "";
  response.end(
    `<ListBucketResult><Name>lab</Name><IsTruncated>${end < objects}</IsTruncated>${next}${entries}</ListBucketResult>`,
  );
});

const entryOf = (number: number): string =>
  `<Contents><Key>${keyOf(number)}</Key><Size>1</Size><LastModified>2026-01-30T06:00:00.000Z</LastModified><ETag>"${number}"</ETag><StorageClass>STANDARD</StorageClass></Contents>`;

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
