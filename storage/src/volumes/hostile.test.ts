import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Conduct, drip, pour, say } from "../testing/volumes/hostile-server.ts";
import {
  asked,
  elsewhere,
  head,
  hostile,
  html,
  laughs,
  nested,
  noTls,
  refuses,
  services,
  XML,
} from "../testing/volumes/hostile-services.ts";
import type { VolumeFault } from "./volume-errors.ts";

/** What the server does, and the faults that this may be told as, whatever is asked. */
const conducts: Record<string, [Conduct, VolumeFault[]]> = {
  "says nothing": [() => {}, ["Timeout"]],
  "hangs up at once": [(socket) => socket.destroy(), ["Unreachable"]],
  "is not HTTP": [(socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"), ["BadAnswer"]],
  "drips its first line": [(socket) => drip(socket, "H"), ["BadAnswer", "Timeout"]],
  "drips headers for ever": [
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      drip(socket, "x: y\r\n");
    },
    ["Timeout"],
  ],
  "pours headers for ever": [
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      pour(socket, `${"x".repeat(100)}: y\r\n`);
    },
    ["BadAnswer", "Timeout"],
  ],
  "says 100 for ever": [(socket) => pour(socket, "HTTP/1.1 100 Continue\r\n\r\n"), ["Timeout", "BadAnswer"]],
  "pours an error for ever": [
    (socket) => {
      socket.write(head("403 Forbidden", ["transfer-encoding: chunked"]));
      pour(socket, `1000\r\n${"x".repeat(4096)}\r\n`);
    },
    // An answer to HEAD has no body, so that what follows it is another answer.
    ["BadAnswer", "AccessDenied", "Timeout"],
  ],
  "drips an error for ever": [
    (socket) => {
      socket.write(head("500 Fault", ["transfer-encoding: chunked"]));
      drip(socket, "1\r\nx\r\n");
    },
    ["Timeout", "BadAnswer", "ServiceFault"],
  ],
  "shows a login page": [
    (socket) => say(socket, 200, { "content-type": "text/html", "last-modified": new Date().toUTCString() }, html),
    ["BadAnswer"],
  ],
  "answers with nothing in it": [(socket) => say(socket, 200, {}, ""), ["BadAnswer"]],
  "answers what is cut in the middle": [
    (socket) => socket.end(`${head("200 OK", ["content-length: 1000", 'etag: "e"', "x-goog-generation: 1"])}<ListBucketResult>{`),
    ["BadAnswer", "Unreachable"],
  ],
  "cuts an answer in chunks": [
    (socket) => socket.end(`${head("200 OK", ["transfer-encoding: chunked"])}ff\r\n<ListBucketResult>{`),
    ["BadAnswer", "Unreachable"],
  ],
  "nests its answer without an end": [(socket) => say(socket, 200, XML, nested(25_000)), ["BadAnswer"]],
  "nests arrays without an end": [(socket) => say(socket, 200, {}, "[".repeat(100_000)), ["BadAnswer"]],
  "multiplies its entities": [(socket) => say(socket, 200, XML, laughs), ["BadAnswer"]],
  "answers compressed": [(socket) => say(socket, 200, { "content-encoding": "gzip" }, "\u001f\u008b\b\0\0"), ["BadAnswer"]],
  "asks to slow down": [(socket) => say(socket, 503, XML, "<Error><Code>SlowDown</Code></Error>"), ["Throttled"]],
  "asks to slow down, by its status alone": [(socket) => say(socket, 429, {}, ""), ["Throttled"]],
  "has a fault": [(socket) => say(socket, 500, XML, "<Error><Code>InternalError</Code></Error>"), ["ServiceFault"]],
  "tells back what it was sent": [
    (socket, request) =>
      say(
        socket,
        403,
        XML,
        `<Error><Code>${/authorization: (.*)/i.exec(request)?.[1]}</Code><Message>${request}</Message></Error>`,
      ),
    ["AccessDenied"],
  ],
  "tells back what it was sent, in JSON": [
    (socket, request) =>
      say(socket, 400, {}, JSON.stringify({ error: { code: 400, message: request, errors: [{ reason: request }] } })),
    ["Refused", "PartsRefused", "BadAnswer"],
  ],
};

for (const [name, open] of Object.entries(services)) {
  describe(`${name}, when the server`, { concurrency: 4, skip: name === "Azure" && noTls }, () => {
    for (const [what, [conduct, faults]] of Object.entries(conducts)) {
      test(what, { timeout: 60_000 }, async () => {
        const server = await hostile(name, conduct);
        const store = await open(server.endpoint);
        try {
          await Promise.all(
            Object.entries(asked).map(([action, ask]) => refuses(ask(store), faults, `${action} while it ${what}`)),
          );
        } finally {
          store.close();
          await server.stop();
        }
      });
    }

    for (const status of [301, 302, 303, 307, 308]) {
      test(`sends everybody elsewhere by ${status}`, { timeout: 60_000 }, async () => {
        const before = elsewhere.seen();
        const conduct: Conduct = (socket) => say(socket, status, { location: `${elsewhere.endpoint}/lab?list-type=2` }, "");
        const server = await hostile(name, conduct);
        const store = await open(server.endpoint);
        try {
          for (const [action, ask] of Object.entries(asked)) {
            // 308 is also how Google says that a part is kept, and what of it: nothing, here.
            const faults: VolumeFault[] =
              status === 308 ? ["Redirected", "WrongRegion", "ServiceFault"] : ["Redirected", "WrongRegion"];
            if (status === 308 && name === "GCS" && action === "listParts") continue;
            await refuses(ask(store), faults, action);
          }
          assert.equal(elsewhere.seen(), before);
        } finally {
          store.close();
          await server.stop();
        }
      });
    }
  });
}
