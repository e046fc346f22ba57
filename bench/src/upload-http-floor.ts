// The floor of `upload-http.ts`: a plain Node server that streams every body to a file with a SHA-256 and an fsync.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { writePlainly } from "./upload-plain.ts";

const directory = process.env.DIRECTORY!;
let count = 0;
const server = createServer(async (request, response) => {
  const sha256 = await writePlainly(join(directory, String(++count)), request);
  response.writeHead(200, { etag: `"${sha256}"` }).end();
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
