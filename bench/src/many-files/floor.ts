// The floor of `many-files.ts`: a plain Node server that does for every file what no server can leave out. A start and a
// completion each add a line to a log with an fsync, the bytes go to a file with an fsync, which gets its name by the
// completion; an address for the bytes costs nothing. Nobody's rights are asked, and no file can be found again.
import { mkdir, open, rename } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { writePlainly } from "../upload-plain.ts";

const directory = process.env.DIRECTORY!;
await mkdir(join(directory, "files"), { recursive: true });
const log = await open(join(directory, "log"), "a");
let started = 0;

const server = createServer(async (request, response) => {
  const [, what, number] = request.url!.split("/");
  const answer = await answerTo(request, what!, number);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(answer) }).end(answer);
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));

async function answerTo(request: IncomingMessage, what: string, number: string | undefined): Promise<string> {
  if (what === "bytes") return JSON.stringify({ etag: await writePlainly(join(directory, number!), request) });
  const body = await textOf(request);
  if (what === "address") return JSON.stringify({ url: `/bytes/${number}` });
  if (what === "complete") await rename(join(directory, number!), join(directory, "files", number!));
  await log.appendFile(`${what} ${number} ${body}\n`);
  await log.datasync();
  return JSON.stringify({ upload_id: what === "start" ? ++started : number });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
