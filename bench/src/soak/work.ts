import { randomBytes, randomInt } from "node:crypto";
import type { Client } from "./client.ts";

/** What clients do, and how often in proportion. */
export interface Work {
  weight: number;
  run(client: Client): Promise<void>;
}

const KiB = 1024;
const PART_SIZE = 5 * 1024 * KiB;
const PAGE = 50;
/** A client that has as many files deletes some before it uploads more: the project stays of one size. */
const FILES_AT_MOST = 40;
const AT_ONCE = 20;

/** One in so many uploads has two parts. */
const LARGE_UPLOAD = 300;

const list: Work = {
  weight: 20,
  async run(client) {
    await client.call("list", "GET", `/files?project=${client.project}&limit=${PAGE}&offset=${randomInt(1000)}`);
    await client.call("list", "GET", `/tasks?project=${client.project}&limit=${PAGE}`);
    await client.call("list", "GET", `/projects?limit=${PAGE}`);
  },
};

const upload: Work = {
  weight: 15,
  async run(client) {
    if (client.files.length >= FILES_AT_MOST) return;
    const size = randomInt(LARGE_UPLOAD) === 0 ? PART_SIZE + KiB : randomInt(1, 64 * KiB);
    const start = { name: `${client.newName()}.txt`, project: client.project, size, part_size: PART_SIZE };
    const { upload_id: id } = await client.call("upload", "POST", "/upload/multipart", start);
    for (let part = 1; part <= Math.ceil(size / PART_SIZE); part++) {
      const { url } = await client.call("upload", "GET", `/upload/multipart/${id}/part/${part}`);
      const body = randomBytes(Math.min(PART_SIZE, size - (part - 1) * PART_SIZE));
      const { headers } = await client.send("upload of bytes", url, { method: "PUT", body });
      const report = { part_number: part, response: { headers: { ETag: headers.get("etag") } } };
      await client.call("upload", "POST", `/upload/multipart/${id}/part`, report);
    }
    const file = await client.call("upload", "POST", `/upload/multipart/${id}/complete`);
    client.files.push(file.id);
  },
};

const download: Work = {
  weight: 15,
  async run(client) {
    const file = anyOf(client.files);
    if (file === undefined) return;
    const { size } = await client.call("details", "GET", `/files/${file}`);
    const { url } = await client.call("details", "GET", `/files/${file}/download_info`);
    const half = Math.ceil(size / 2);
    const ranges =
      randomInt(2) === 0 ? [undefined] : [`bytes=0-${half - 1}`, ...(half < size ? [`bytes=${half}-${size - 1}`] : [])];
    let received = 0;
    for (const range of ranges)
      received += (await client.send("download of bytes", url, range === undefined ? {} : { headers: { range } })).bytes.length;
    if (received !== size) client.refuse("download of bytes", `${received} bytes of ${size}`);
  },
};

const search: Work = {
  weight: 8,
  async run(client) {
    const place = `IN "${client.project}"`;
    const query = anyOf([`${place} WHERE client = "${client.name}" RECURSIVE`, `${place} RECURSIVE`])!;
    await client.call("search", "POST", `/files/search?limit=${PAGE}`, { query });
  },
};

const bulk: Work = {
  weight: 6,
  async run(client) {
    const ids = client.files.slice(0, AT_ONCE);
    if (ids.length === 0) return;
    const items = ids.map((id) => ({ id, tags: ["soak"], metadata: { client: client.name, number: String(randomInt(1000)) } }));
    const edited = await client.call("bulk", "POST", "/bulk/files/edit", { items });
    const got = await client.call("bulk", "POST", "/bulk/files/get", { file_ids: ids });
    const refused = [...edited.items, ...got.items].find(({ error }) => error);
    if (refused) client.refuse("bulk", JSON.stringify(refused));
  },
};

const deletion: Work = {
  weight: 6,
  async run(client) {
    if (client.files.length < FILES_AT_MOST / 2) return;
    await client.call("delete", "DELETE", `/files/${client.files.pop()}`);
    await client.call("delete", "POST", "/bulk/files/delete", { file_ids: client.files.splice(0, 5) });
  },
};

const draft: Work = {
  weight: 8,
  async run(client) {
    const task = { project: client.project, app: client.app, name: client.newName(), inputs: { text: client.name } };
    const { id } = await client.call("draft", "POST", "/tasks", task);
    await client.call("draft", "PATCH", `/tasks/${id}`, { name: client.newName(), inputs: { text: "changed" } });
    await client.call("draft", "DELETE", `/tasks/${id}`);
  },
};

/** Asks as a script does that waits for its task; bounded by the soak's own end. */
const POLL_MS = 200;

const run: Work = {
  weight: 3,
  async run(client) {
    const task = { project: client.project, app: client.app, name: client.newName(), inputs: { text: client.name } };
    let { id, status } = await client.call("run", "POST", "/tasks?action=run", task);
    const started = performance.now();
    while (status !== "COMPLETED") {
      if (status === "FAILED" || performance.now() - started > 120_000) client.refuse("run", `task ${id} is ${status}`);
      await new Promise((wake) => setTimeout(wake, POLL_MS));
      ({ status } = await client.call("poll of a task", "GET", `/tasks/${id}`));
    }
    const { outputs } = await client.call("details", "GET", `/tasks/${id}`);
    await client.call("delete", "DELETE", `/files/${outputs.said.path}`);
  },
};

const folder: Work = {
  weight: 2,
  async run(client) {
    const file = anyOf(client.files);
    if (file === undefined) return;
    const made = await client.call("folder", "POST", "/files", {
      name: client.newName(),
      type: "folder",
      project: client.project,
    });
    await client.call("folder", "POST", `/files/${file}/actions/copy`, { parent: made.id });
    const job = await client.call("folder", "POST", "/async/files/delete", { items: [{ file: made.id }] });
    let { state, id } = job;
    while (state !== "FINISHED") {
      await new Promise((wake) => setTimeout(wake, POLL_MS));
      ({ state } = await client.call("folder", "GET", `/async/files/delete/${id}`));
    }
  },
};

const WORK: readonly Work[] = [list, upload, download, search, bulk, deletion, draft, run, folder];

/** Each as often as it weighs. */
const CHOICES = WORK.flatMap((work) => Array<Work>(work.weight).fill(work));

export const chooseWork = (): Work => anyOf(CHOICES)!;

function anyOf<Thing>(things: readonly Thing[]): Thing | undefined {
  return things.length === 0 ? undefined : things[randomInt(things.length)];
}
