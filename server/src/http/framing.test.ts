import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { createWorld, type World } from "../testing/world.ts";

// What a proxy before the platform and the platform itself could understand differently is refused (RFC 9112 §3.2, §5, §6.3).

let world: World;
let token: string;
before(async () => {
  world = await createWorld();
  token = await world.token("ana");
});
after(() => world.close());

/** All that comes back for these bytes, until the connection ends or an answer is whole. */
async function answerTo(bytes: string): Promise<{ status: number; body: string; isOver: boolean }> {
  const socket = connect(Number(new URL(world.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(bytes, "latin1");
  const { text, isOver } = await readAnswer(socket);
  socket.destroy();
  return { status: Number(text.split(" ")[1]), body: text.slice(text.indexOf("\r\n\r\n") + 4), isOver };
}

function readAnswer(socket: Socket): Promise<{ text: string; isOver: boolean }> {
  return new Promise((resolve) => {
    let text = "";
    const isWhole = () => {
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      const head = text.indexOf("\r\n\r\n");
      return head >= 0 && length !== undefined && text.length >= head + 4 + Number(length);
    };
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += chunk;
      // One that is refused ends the connection as well: nothing that comes after it is taken for a request.
      if (isWhole() && !/^HTTP\/1\.1 400/.test(text)) resolve({ text, isOver: false });
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve({ text, isOver: true }));
  });
}

const get = (headers: string[], version = "1.1") =>
  `${[`GET /v2/user HTTP/${version}`, `X-SBG-Auth-Token: ${token}`, ...headers].join("\r\n")}\r\n\r\n`;
const post = (headers: string[], body = "{}") =>
  `${["POST /v2/projects HTTP/1.1", "Host: x", `X-SBG-Auth-Token: ${token}`, "Content-Type: application/json", ...headers].join("\r\n")}\r\n\r\n${body}`;

test("a request names one host, and nothing that is none", async () => {
  for (const host of ["x", "x:8080", "my_host:80", "[::1]:80", "[::1]", "127.0.0.1", "x:", ""])
    assert.equal((await answerTo(get([`Host: ${host}`]))).status, 200, host);
  assert.equal((await answerTo(get(["Connection: close"], "1.0"))).status, 200, "HTTP/1.0 needs none");
  const odd: { [what: string]: string[] } = {
    none: [],
    "two of them": ["Host: x", "Host: y"],
    "twice the same": ["Host: x", "host: x"],
    "two, apart": ["Host: x", "Accept: */*", "HOST: y"],
    "two in one": ["Host: x y"],
    "a path": ["Host: x/y"],
    "a login": ["Host: a@x"],
    "a query": ["Host: x?y"],
    "no port": ["Host: x:80a"],
    "an address that does not end": ["Host: [::1"],
  };
  for (const [what, headers] of Object.entries(odd)) {
    const { status, body, isOver } = await answerTo(get(headers));
    assert.deepEqual([status, JSON.parse(body).code, isOver], [400, 90000, true], what);
  }
  // The same for what is not of the API, and for paths that there are not.
  for (const target of ["/docs", "/healthz", "/v2/nothing", "/nothing", "/storage/d/x/y"]) {
    const { status } = await answerTo(`GET ${target} HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n`);
    assert.equal(status, 400, target);
  }
});

test("where a body ends is said once and in one way", async () => {
  const odd: { [what: string]: string } = {
    "two lengths": post(["Content-Length: 2", "Content-Length: 3"]),
    "the same length twice": post(["Content-Length: 2", "Content-Length: 2"]),
    "a list of lengths": post(["Content-Length: 2, 2"]),
    "a length with a sign": post(["Content-Length: +2"]),
    "a hexadecimal length": post(["Content-Length: 0x2"]),
    "a length beyond all numbers": post(["Content-Length: 99999999999999999999"]),
    "no number": post(["Content-Length: "]),
    "length and chunks": post(["Content-Length: 4", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
    "chunks and length": post(["Transfer-Encoding: chunked", "Content-Length: 4"], "0\r\n\r\n"),
    "chunks within something": post(["Transfer-Encoding: chunked, identity"], "0\r\n\r\n"),
    "chunks twice": post(["Transfer-Encoding: chunked", "Transfer-Encoding: x"], "0\r\n\r\n"),
    "no chunks": post(["Transfer-Encoding: xchunked"], "0\r\n\r\n"),
    "chunks after a blank": post(["Transfer-Encoding: \u000bchunked"], "0\r\n\r\n"),
    "a header over two lines": get(["Host: x", "X: a", " b"]),
    "a header that begins with a blank": get([" Host: x"]),
    "a blank before the colon": get(["Host : x"]),
    "a NUL": get(["Host: x", "X: a\u0000b"]),
    "lines that end with LF alone": `GET /v2/user HTTP/1.1\nHost: x\nX-SBG-Auth-Token: ${token}\n\n`,
    "a chunk size that is none": post(["Transfer-Encoding: chunked"], "0x2\r\n{}\r\n0\r\n\r\n"),
  };
  for (const [what, bytes] of Object.entries(odd)) {
    const { status, body, isOver } = await answerTo(bytes);
    assert.deepEqual([status, JSON.parse(body).code, isOver], [400, 90000, true], what);
  }
});
