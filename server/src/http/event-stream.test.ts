import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import Fastify from "fastify";
import { type EventStream, openEventStream } from "./event-stream.ts";

for (const when of ["before its stream began", "while it was open"]) {
  test(`a page that went ${when} is gone`, async () => {
    const app = Fastify();
    const opened = Promise.withResolvers<EventStream>();
    app.get("/", async (_request, reply) => {
      const closed = once(reply.raw, "close");
      if (when.startsWith("before")) {
        page.destroy();
        await closed;
      }
      opened.resolve(openEventStream(reply));
    });
    await app.listen({ port: 0 });
    const page = connect((app.server.address() as AddressInfo).port);
    page.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    const { gone, send } = await opened.promise;
    if (!page.destroyed) {
      send("task", {});
      page.destroy();
      await once(gone, "abort");
    }
    assert.equal(gone.aborted, true);
    await app.close();
  });
}
