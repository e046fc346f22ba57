import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { assertLooksRight, stories } from "./browser.ts";

/** CI drops more. */
const MANY = Number(process.env.CAUSEWAY_STORY_FILES ?? 120);
/** Uploads that get no further for so long are stuck, on however busy a machine. */
const STANDSTILL_MS = 120_000;

stories((story) => {
  story("a folder of many files is dropped, and goes on after a reload, with none lost and none twice", async (desk) => {
    const directory = await mkdtemp(join(tmpdir(), "drop-"));
    const folder = join(directory, "runs");
    for (const inner of ["a", "b/c"]) await mkdir(join(folder, inner), { recursive: true });
    const names = Array.from({ length: MANY }, (_, n) => join(n % 2 === 0 ? "a" : "b/c", `read ${n}.txt`));
    await Promise.all(names.map((name) => writeFile(join(folder, name), `bytes of ${name}`)));
    const client = await desk.platform.as("ana");
    const project = await client.createProject({ body: { name: "Drop" } });
    const page = await desk.page("ana", "/projects/ana/drop/files");
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByText("Nothing is here yet").waitFor();
    await drop(page, folder);
    await page.getByText(/Uploading\s+[1-9][\d,]* of/).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "runs" }).waitFor();
    await drop(page, folder);
    const count = MANY.toLocaleString("en");
    assert.match(await uploaded(page), new RegExp(`^Uploaded ${count} of ${count} files, [\\d,]+ of them there already\\s`));
    await assertLooksRight(page);
    await rm(directory, { recursive: true });

    const found: string[] = [];
    const walk = async (parent: string, path: string) => {
      for await (const entry of client.all.listFiles({ parent, fields: ["id", "name", "type"] })) {
        if (entry.type === "folder") await walk(entry.id, `${path}${entry.name}/`);
        else found.push(path + entry.name);
      }
    };
    await walk(project.root_folder, "");
    assert.deepEqual(found.sort(), names.map((name) => `runs/${name}`).sort());
  });

  story("an upload over a broken line is given up at once, and goes up when it is tried again", async (desk) => {
    const client = await desk.platform.as("fay");
    const project = await client.createProject({ body: { name: "Line" } });
    const page = await desk.page("fay", "/projects/fay/line/files");
    await page.route("**/storage/u/**", (route) => route.abort());
    const tried = page.waitForRequest(/\/storage\/u\//);
    const file = (name: string) => ({ name, mimeType: "", buffer: Buffer.from(name) });
    await page.locator("input[type=file][multiple]").setInputFiles([file("a.txt"), file("b.txt")]);
    await tried;
    await page.getByRole("button", { name: "Give up" }).click();
    await page.getByText(/Uploaded, with failures\s+0 of 2 files/).waitFor();
    await assertLooksRight(page);
    await page.unroute("**/storage/u/**");
    await page.getByRole("button", { name: "Try 2 files again" }).click();
    await page.getByText(/Uploaded\s+2 of 2 files/).waitFor();
    const { items } = await client.listFiles({ parent: project.root_folder });
    assert.deepEqual(items.map(({ name }) => name).sort(), ["a.txt", "b.txt"]);
  });
});

/** All that the uploads say in the end, once they have ended. */
async function uploaded(page: Page): Promise<string> {
  const uploads = page.getByRole("region", { name: "Uploads" });
  await uploads.waitFor();
  for (;;) {
    const before = await uploads.getByRole("status").innerText();
    if (!before.startsWith("Uploading")) return uploads.innerText();
    try {
      const status = 'section[aria-label="Uploads"] [role=status]';
      await page.waitForFunction(
        ([selector, text]) => document.querySelector<HTMLElement>(selector!)?.innerText !== text,
        [status, before],
        { timeout: STANDSTILL_MS, polling: 500 },
      );
    } catch (cause) {
      throw new Error(`The uploads stand still: ${await uploads.innerText()}`, { cause });
    }
  }
}

/** As a person drops a folder from their desktop. */
async function drop(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize()!;
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  // The middle of the page, where the list is.
  const at = { x: width / 2, y: Math.min(height / 2, 300), data };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) await session.send("Input.dispatchDragEvent", { type, ...at });
  await session.detach();
}
