import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { ApiFailure, type Client, ConnectionFailure, createClient } from "./client.ts";
import { EXAMPLES } from "./openapi/examples.ts";

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A server that answers by `answer` and remembers what it was asked. */
async function serve(t: TestContext, answer: (seen: Seen, response: ServerResponse) => void, options: object = {}) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      answer(one, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}/v2/`, token: "t0k3n", ...options });
  return { client, seen };
}

const reply = (response: ServerResponse, body: unknown, headers = {}, status = 200) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

test("a call sends path, query and token, and answers the thing", async (t) => {
  const { client, seen } = await serve(t, (_, response) => reply(response, EXAMPLES.Project));
  const project = await client.getProject({ owner: "mira okafor", project: "coral", fields: ["id", "settings.locked"] });
  assert.equal(project.settings.locked, false);
  assert.equal(seen[0]?.url, "/v2/projects/mira%20okafor/coral?fields=id,settings.locked");
  assert.equal(seen[0]?.headers["x-sbg-auth-token"], "t0k3n");
  assert.equal(seen[0]?.body, "");
});

test("lists are repeated, maps dotted, and a page comes with its total", async (t) => {
  const page = { href: "h", items: [EXAMPLES.File], links: [] };
  const { client, seen } = await serve(t, (_, response) => reply(response, page, { "x-total-matching-query": "41" }));
  const files = await client.listFiles({ project: "a/b", name: ["x,y", "z"], metadata: { sample_id: ["S 1"] }, limit: 2 });
  assert.equal(files.total, 41);
  assert.equal(files.items[0]?.name, "run12.bam");
  assert.equal(seen[0]?.url, "/v2/files?project=a/b&name=x,y&name=z&metadata.sample_id=S%201&limit=2");
});

test("a username of a division keeps its slash, and a body is JSON", async (t) => {
  const { client, seen } = await serve(t, (_, response) => reply(response, { write: true }));
  await client.changeMemberPermissions({ owner: "a", project: "b", username: "lake/mira", body: { write: true } });
  assert.equal(seen[0]?.url, "/v2/projects/a/b/members/lake/mira/permissions");
  assert.equal(seen[0]?.headers["content-type"], "application/json");
  assert.equal(seen[0]?.body, '{"write":true}');
});

test("an app's document may be given as YAML", async (t) => {
  const { client, seen } = await serve(t, (_, response) => reply(response, { "sbg:id": "a/b/c/0" }));
  const raw = await client.createApp({ owner: "a", project: "b", name: "c", body: "cwlVersion: v1.2\n" });
  assert.equal(raw["sbg:id"], "a/b/c/0");
  assert.equal(seen[0]?.headers["content-type"], "application/yaml");
});

test("a deletion answers nothing", async (t) => {
  const { client } = await serve(t, (_, response) => response.writeHead(204).end());
  assert.equal(await client.deleteProject({ owner: "a", project: "b" }), undefined);
});

test("all items of a list come page after page, at the address the client was given", async (t) => {
  const { client, seen } = await serve(t, ({ url }, response) => {
    const offset = Number(new URL(url, "http://h").searchParams.get("offset"));
    const items = [offset, offset + 1].map((index) => ({ ...(EXAMPLES.Task as object), name: `task ${index}` }));
    const next = offset < 4 ? [{ href: "https://elsewhere.example/v2/tasks", rel: "next", method: "GET" }] : [];
    reply(response, { href: "h", items, links: next }, { "x-total-matching-query": "6" });
  });
  const names: string[] = [];
  for await (const task of client.all.listTasks({ status: "COMPLETED", limit: 2 })) names.push(task.name);
  assert.deepEqual(
    names,
    [0, 1, 2, 3, 4, 5].map((index) => `task ${index}`),
  );
  assert.deepEqual(seen.map(({ url }) => url).at(-1), "/v2/tasks?status=COMPLETED&limit=2&offset=4");
});

test("a refusal is thrown with its number, its words and its detail", async (t) => {
  const envelope = { status: 404, code: 3002, message: "No.", more_info: "https://h/docs/api-status-codes?detail=Why.#3002" };
  const { client } = await serve(t, (_, response) => reply(response, envelope, { "x-request-id": "r1" }, 404));
  const failure = await client.getProject({ owner: "a", project: "b" }).catch((error: unknown) => error);
  assert.ok(failure instanceof ApiFailure);
  const { status, code, message, moreInfo, detail, requestId } = failure;
  assert.deepEqual([status, code, message, moreInfo, detail, requestId], [404, 3002, "No.", envelope.more_info, "Why.", "r1"]);
});

test("a refusal that is no JSON is a failure without a number", async (t) => {
  const { client } = await serve(t, (_, response) => response.writeHead(502, { "content-type": "text/html" }).end("<html>"));
  await assert.rejects(
    client.getMe(),
    (error: unknown) => error instanceof ApiFailure && error.status === 502 && error.code === undefined,
  );
});

test("a read is sent again after its connection broke", async (t) => {
  let broken = 0;
  const { client, seen } = await serve(t, (_, response) => {
    if (broken++ === 0) response.socket?.destroy();
    else reply(response, EXAMPLES.User);
  });
  assert.equal((await client.getMe()).username, "mira.okafor");
  assert.equal(seen.length, 2);
});

test("a creation is not sent again: it may have been done", async (t) => {
  const { client, seen } = await serve(t, (_, response) => response.socket?.destroy());
  await assert.rejects(client.createProject({ body: { name: "Reef" } }), ConnectionFailure);
  assert.equal(seen.length, 1);
});

test("a used-up rate limit is waited for when asked, and told", async (t) => {
  let asked = 0;
  const waits: number[] = [];
  const { client } = await serve(
    t,
    (_, response) => {
      const reset = { "x-ratelimit-reset": String(Math.floor(Date.now() / 1000)) };
      if (asked++ === 0) reply(response, { status: 429, code: 1000 }, reset, 429);
      else reply(response, EXAMPLES.User);
    },
    { waitForRateLimit: true, onRateLimit: (milliseconds: number) => waits.push(milliseconds) },
  );
  assert.equal((await client.getMe()).username, "mira.okafor");
  assert.equal(waits.length, 1);
  assert.ok(waits[0]! >= 1000);
});

test("a call can be called off", async (t) => {
  const { client } = await serve(t, () => {});
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(client.getMe({}, { signal }), /enough/);
});

/** Checked by the compiler, never run: what callers get told about types. */
export async function typesComeOutRight(client: Client): Promise<void> {
  const me: string = (await client.getMe()).username;
  const total: number = (await client.listProjects()).total;
  const [project] = (await client.listProjects({ name: me, limit: total })).items;
  const id: string | undefined = project?.id;
  // @ts-expect-error a list does not show the type unless asked to
  const type: "v2" | undefined = project?.type.length;
  // @ts-expect-error a project has an owner
  await client.getProject({ project: id ?? type });
  // @ts-expect-error a creation needs a body
  await client.createProject();
  // @ts-expect-error no such status
  await client.listTasks({ status: "DONE" });
  // @ts-expect-error only lists can be walked
  client.all.getMe();
  const task = await client.createTask({ action: "run", body: { project: "a/b", app: "a/b/c", inputs: { reads: [1] } } });
  const status: "DRAFT" | "CREATING" | "QUEUED" | "RUNNING" | "ABORTING" | "COMPLETED" | "FAILED" | "ABORTED" = task.status;
  const message: string | undefined = task.execution_status?.message;
  await client.updateFileMetadata({ file: message ?? "", body: { sample_id: "S1", library: null } });
  const nothing: undefined = await client.deleteTask({ task: status });
  await client.completeUpload({ upload: String(nothing) });
}

test("whole numbers of 64 bits keep their digits on the way there and back; larger ones are doubles", async (t) => {
  const { client, seen } = await serve(t, (_, response) =>
    response
      .writeHead(200, { "content-type": "application/json" })
      .end('{"n": -9007199254740993, "most": 9223372036854775807, "beyond": 9223372036854775808, "few": 3}'),
  );
  const values: unknown = await client.updateTaskInputs({ task: "t", body: { n: 9007199254740993n } });
  assert.equal(seen[0]?.body, '{"n":9007199254740993}');
  assert.deepEqual(values, { n: -9007199254740993n, most: 2n ** 63n - 1n, beyond: 2 ** 63, few: 3 });
});
