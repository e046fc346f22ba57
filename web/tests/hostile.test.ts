import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { assertLooksRight, stories } from "./browser.ts";

/** Texts that somebody may put wherever a text is taken. */
const HOSTILE = [
  "<script>window.hit=1</script>",
  "<img src=x onerror=window.hit=1>",
  '"><svg onload=window.hit=1>',
  "javascript:window.hit=1",
  "{{constructor.constructor('window.hit=1')()}}",
  "${window.hit=1}",
  "</title><script>window.hit=1</script>",
  "\u202egnp.cod",
  "a".repeat(230),
  "__proto__",
  "%3Cscript%3E",
  "𝒳👩‍👩‍👧‍👦 é",
];

/** What the platform takes as a file's name, it keeps. */
const asName = (text: string): string => text.replaceAll("/", "∕");

stories((story) => {
  story(
    "hostile names, labels, descriptions, metadata, logs and files are shown as the texts they are, on every screen",
    async (desk) => {
      const client = await desk.platform.as("mallory");
      const all = HOSTILE.join("\n");
      const project = await client.createProject({
        body: { name: HOSTILE[1]!, description: all, tags: [HOSTILE[0]!.replaceAll(",", "")] },
      });
      const [, short = ""] = project.id.split("/");
      const page = await desk.page("mallory", "/");
      const tray = page.getByRole("region", { name: "Uploads" });
      await page.goto(`${desk.platform.origin}/projects/${project.id}/files`);
      const html = `<!doctype html><script>parent.hit=1;top.hit=1</script><img src=x onerror="top.hit=1"><p>${all}`;
      const svg =
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="top.hit=1"><script>top.hit=1</script></svg>';
      await page
        .locator("input[type=file][multiple]")
        .setInputFiles([
          ...HOSTILE.map((text) => ({ name: `${asName(text)}.txt`, mimeType: "text/html", buffer: Buffer.from(all) })),
          { name: "page.html", mimeType: "text/html", buffer: Buffer.from(html) },
          { name: "picture.svg", mimeType: "image/svg+xml", buffer: Buffer.from(svg) },
          { name: "liar.png", mimeType: "image/png", buffer: Buffer.from(html) },
          { name: "table.tsv", mimeType: "", buffer: Buffer.from(HOSTILE.map((text) => `${text}\t${text}`).join("\n")) },
        ]);
      await tray.getByText(/^Uploaded/).waitFor();
      const entries = await client.listFiles({ project: project.id, limit: 100 });
      for (const { id } of entries.items) {
        const metadata = Object.fromEntries(
          HOSTILE.map((text, n) => [n === 9 ? "__proto__x" : text.slice(0, 90), text.slice(0, 250)]),
        );
        await client.updateFile({ file: id, body: { tags: HOSTILE.slice(0, 3), metadata } });
      }
      await page.reload();
      await page.getByRole("table").waitFor();
      await isHarmless(page);
      for (const name of ["page.html", "picture.svg", "liar.png", "table.tsv", `${HOSTILE[0]!.replaceAll("/", "∕")}.txt`]) {
        await page.getByRole("button", { name, exact: true }).click();
        await page.getByRole("dialog").getByRole("heading", { name: "Metadata" }).waitFor();
        await page.locator("dialog :is(pre, img, table, iframe, p.muted)").nth(1).waitFor();
        if (name === "page.html") {
          await page.frameLocator("dialog iframe").getByText("__proto__").waitFor();
          assert.equal(await whatBecomesOfOurScript(page), "refused", "not even scripts of our own run in a user's page");
        }
        await isHarmless(page);
        await page.keyboard.press("Escape");
      }

      const label = HOSTILE[1]!;
      const tool = {
        cwlVersion: "v1.2",
        class: "CommandLineTool",
        label,
        doc: all,
        baseCommand: ["sh", "-c", 'printf "%s\\n" "$1" "$1" >&2; exit 3', "sh"],
        inputs: {
          text: { type: "string", label: HOSTILE[2], doc: all, inputBinding: {} },
          choice: { type: ["null", { type: "enum", symbols: ["a", HOSTILE[0]] }], label: HOSTILE[0] },
        },
        outputs: { out: { type: "File?", label: HOSTILE[0], doc: all, outputBinding: { glob: "*" } } },
      };
      const workflow = {
        cwlVersion: "v1.2",
        class: "Workflow",
        label,
        doc: all,
        inputs: { text: { type: "string", label: HOSTILE[2], doc: all } },
        outputs: {},
        steps: [{ id: "step", label: HOSTILE[0], doc: all, in: [{ id: "text", source: "text" }], out: [], run: tool }],
      };
      await client.createApp({ owner: "mallory", project: short, name: "wicked", body: workflow });
      const draft = await client.createTask({
        body: { project: project.id, app: `${project.id}/wicked`, name: HOSTILE[0]!, description: all, inputs: { text: all } },
      });
      await page.goto(`${desk.platform.origin}/tasks/${draft.id}`);
      await page.getByRole("button", { name: "Run", exact: true }).waitFor();
      await isHarmless(page);
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await page.getByRole("heading", { name: "One job failed" }).waitFor();
      await page.locator(".failure pre").waitFor();
      for (const tab of ["graph", "jobs", "timeline", "inputs", "outputs", "settings"]) {
        await page.goto(`${desk.platform.origin}/tasks/${draft.id}?tab=${tab}`);
        await page.locator(".failure pre").waitFor();
        await isHarmless(page);
      }
      await page.getByRole("article").getByRole("button").click();
      await page.getByLabel("Text of job.err.log").waitFor();
      await isHarmless(page);
      for (const path of [
        "/",
        `/projects/${project.id}`,
        `/projects/${project.id}/apps`,
        `/projects/${project.id}/tasks`,
        `/projects/${project.id}/members`,
        `/projects/${project.id}/settings`,
        `/apps/${project.id}/wicked?tab=graph`,
        `/apps/${project.id}/wicked?tab=ports`,
        `/apps/${project.id}/wicked?tab=document`,
        `/tasks/${encodeURIComponent(HOSTILE[0]!)}`,
        `/projects/mallory/${encodeURIComponent(HOSTILE[1]!)}`,
        `/${encodeURIComponent(HOSTILE[0]!)}`,
      ]) {
        await page.goto(desk.platform.origin + path);
        if (!/%/.test(path) || path.startsWith("/projects") || path.startsWith("/tasks"))
          await page.getByRole("heading", { level: 1 }).waitFor();
        await isHarmless(page);
      }
      await page.goto(`${desk.platform.origin}/projects/${project.id}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await assertLooksRight(page);
    },
  );
});

/** What the policy of a user's page says to a script of the platform's own address. */
async function whatBecomesOfOurScript(page: Page): Promise<string> {
  const frame = page.frames().find((each) => each !== page.mainFrame())!;
  return frame.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener("securitypolicyviolation", () => resolve("refused"));
        const script = document.createElement("script");
        script.src = "/assets/none.js";
        // Where it was refused, that is told as well, maybe later.
        script.onerror = () => setTimeout(() => resolve("asked for"), 10_000);
        document.head.append(script);
      }),
  );
}

/** Nothing of the texts has run, in any frame, and none of them has become an element. */
async function isHarmless(page: Page): Promise<void> {
  // What would run does so after it is put in.
  await page.waitForTimeout(150);
  for (const frame of page.frames()) {
    const hit = await frame.evaluate(() => ({
      hit: "hit" in window,
      elements: document.querySelectorAll('img[src="x"], svg[onload], body script').length,
    }));
    if (frame === page.mainFrame()) assert.deepEqual(hit, { hit: false, elements: 0 }, page.url());
    else assert.equal(hit.hit, false, page.url());
  }
}
