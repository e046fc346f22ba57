import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { assertLooksRight, type Desk, picture, stories } from "./browser.ts";

const QUICKSTART = fileURLToPath(new URL("../../quickstart/", import.meta.url));
const READS = ["SRR11728627", "SRR11728641"].map((run) => `${QUICKSTART}data/${run}.fastq.gz`);

stories((story) => {
  story("from an empty project to the picture, by hand: upload, install, fill the form, run, look", async (desk) => {
    const page = await desk.page("ana");
    await page.getByText("You have no project yet").waitFor();
    await page.getByRole("button", { name: "New project" }).click();
    await page.getByLabel("Name").fill("Reads");
    await page.getByRole("button", { name: "Make it" }).click();
    await page.getByText("Nothing has run here yet").waitFor();
    await assertLooksRight(page);

    await part(page, "Files");
    await page.locator("input[type=file][multiple]").setInputFiles(READS);
    await page.getByText("Uploaded 2 of 2 files").waitFor();
    await page.getByRole("button", { name: "SRR11728641.fastq.gz", exact: true }).waitFor();
    await assertLooksRight(page);

    await part(page, "Apps");
    await page.getByRole("button", { name: "Install an app" }).click();
    await page.getByLabel("CWL file").setInputFiles(`${QUICKSTART}read-quality.cwl`);
    await page.getByRole("textbox", { name: "Name in addresses" }).waitFor();
    await assertLooksRight(page);
    await page.getByRole("button", { name: "Install", exact: true }).click();
    await page.getByRole("heading", { name: "Read quality of several samples" }).waitFor();
    await page.locator("svg text", { hasText: "count_repeats" }).waitFor();
    await assertLooksRight(page);
    await page.getByRole("link", { name: "Ports" }).click();
    await page.getByText("Gzipped FASTQ files, one a sample").waitFor();
    await assertLooksRight(page);

    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("heading", { name: "Run Read quality of several samples" }).waitFor();
    await page.getByRole("button", { name: /Choose files/ }).click();
    await page.getByRole("dialog").getByLabel("Choose all that are loaded").check();
    await assertLooksRight(page);
    await page.getByRole("button", { name: "Choose these 2" }).click();
    await page.getByLabel("Title of the page").fill("By hand");
    await page.getByText("Everything is kept.").waitFor();
    await page.reload();
    await page.getByText("SRR11728627.fastq.gz").waitFor();
    assert.equal(await page.getByLabel("Title of the page").inputValue(), "By hand", "what was typed is there after a reload");
    await assertLooksRight(page);
    await page.getByRole("button", { name: "Run", exact: true }).click();

    await page.getByText("Completed", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "measure: 2 of 2 done" }).click();
    await picture(page, "web-task");
    await page.getByRole("button", { name: "measure[1]" }).click();
    await page.getByRole("dialog").getByText("Command line").waitFor();
    await assertLooksRight(page);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await assertLooksRight(page);

    await page.getByRole("link", { name: /^Jobs/ }).click();
    await page.getByLabel("Step").selectOption({ label: "any" });
    await page.getByLabel("Find").fill("unpack");
    await page.getByText("2 jobs").waitFor();
    await assertLooksRight(page);
    await page.getByRole("link", { name: "Timeline" }).click();
    await page.getByText(/from the first job to the last/).waitFor();
    await assertLooksRight(page);
    await page.getByRole("link", { name: "Outputs" }).click();
    await page.getByRole("img", { name: "read-quality.svg" }).waitFor();
    await page.waitForFunction(() => (document.querySelector("img.picture") as HTMLImageElement | null)?.naturalWidth);
    await picture(page, "web-outputs");
    await page.getByRole("button", { name: "Show read-quality.tsv" }).click();
    await page.getByRole("columnheader", { name: "mean_quality" }).waitFor();
    await assertLooksRight(page);
    await page.getByRole("button", { name: "Show read-quality.html" }).click();
    await page.frameLocator("iframe").getByRole("heading", { name: "By hand" }).waitFor();
    await assertLooksRight(page);
    for (const name of ["Inputs", "Settings"]) {
      await page.getByRole("link", { name }).click();
      await assertLooksRight(page);
    }
    await page.getByRole("link", { name: "ana/reads" }).click();
    await page.getByRole("heading", { name: "Latest" }).waitFor();
    await assertLooksRight(page);
  });

  story("a task that fails says where and why, and runs with another value", async (desk) => {
    const { task, page } = await runningTool(desk, "ben", {
      baseCommand: ["sh", "-c", 'echo "the reference is missing" >&2; exit $0'],
      inputs: { code: { type: "int", label: "Exit code", inputBinding: {} } },
      values: { code: 127 },
    });
    await page.getByRole("heading", { name: "One job failed" }).waitFor();
    await page.getByText("exit code 127").first().waitFor();
    await page.getByText("the reference is missing").first().waitFor();
    await page.getByText("there is no such command").waitFor();
    await assertLooksRight(page);
    await page.getByRole("button", { name: "Change and run" }).click();
    await page.getByLabel("Exit code").fill("zero");
    await page.getByText("This is no whole number.").waitFor();
    await page.getByLabel("Exit code").fill("0");
    await page.getByText("Everything is kept.").waitFor();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByText("Completed", { exact: true }).first().waitFor();
    assert.notEqual(new URL(page.url()).pathname, `/tasks/${task}`);
  });

  story("a batch shows its groups before it is made, its tasks as they end, and runs those again that failed", async (desk) => {
    const client = await desk.platform.as("dora");
    await client.createProject({ body: { name: "Batches" } });
    const tool = {
      cwlVersion: "v1.2",
      class: "CommandLineTool",
      label: "Counts",
      baseCommand: ["sh", "-c", 'grep -q good "$0"'],
      inputs: { reads: { type: "File", label: "Reads", inputBinding: {} } },
      outputs: {},
    };
    await client.createApp({ owner: "dora", project: "batches", name: "counts", body: tool });
    const page = await desk.page("dora", "/projects/dora/batches/files");
    const file = (name: string, text: string) => ({ name, mimeType: "", buffer: Buffer.from(text) });
    await page
      .locator("input[type=file][multiple]")
      .setInputFiles([file("a.txt", "good"), file("b.txt", "bad"), file("c.txt", "good")]);
    await page.getByText("Uploaded 3 of 3 files").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    const { items } = await client.listFiles({ project: "dora/batches" });
    const { id } = await client.createTask({
      body: {
        project: "dora/batches",
        app: "dora/batches/counts",
        inputs: { reads: items.map((each) => ({ class: "File", path: each.id })) },
        batch: true,
        batch_input: "reads",
        batch_by: { type: "ITEM" },
      },
    });
    await page.goto(`${desk.platform.origin}/tasks/${id}`);
    await page.getByText("3 tasks will be made.").waitFor();
    await assertLooksRight(page);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("button", { name: "Run the 1 that failed again" }).waitFor();
    await assertLooksRight(page);
    await page.getByRole("button", { name: "Run the 1 that failed again" }).click();
    await page.getByText("They run again").waitFor();
  });

  story("a log grows while its job runs, and an abort ends it, by keyboard alone", async (desk) => {
    const { page } = await runningTool(desk, "carla", {
      baseCommand: ["sh", "-c", "for n in $(seq 1000); do echo line $n >&2; sleep 0.2; done"],
      inputs: {},
      values: {},
    });
    const step = page.getByRole("button", { name: /: running/ });
    await step.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "job", exact: true }).focus();
    await page.keyboard.press("Enter");
    const log = page.getByLabel("Text of job.err.log");
    await log.getByText("line 1").first().waitFor();
    const before = (await log.innerText()).length;
    await page.waitForFunction((length) => (document.querySelector(".log pre")?.textContent?.length ?? 0) > length, before);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Abort" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Aborted", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "Run again" }).waitFor();
  });
});

const part = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Parts of the project" }).getByRole("link", { name }).click();

interface Tool {
  baseCommand: string[];
  inputs: object;
  values: Record<string, unknown>;
}

/** A task of a small tool that was started, open in a browser. */
async function runningTool(desk: Desk, username: string, { values, ...tool }: Tool): Promise<{ task: string; page: Page }> {
  const client = await desk.platform.as(username);
  const project = await client.createProject({ body: { name: "Tools" } });
  const document = { cwlVersion: "v1.2", class: "CommandLineTool", label: "Small tool", outputs: [], ...tool };
  await client.createApp({ owner: username, project: "tools", name: "small", body: document });
  const { id } = await client.createTask({
    action: "run",
    body: { project: project.id, app: `${project.id}/small`, inputs: values },
  });
  return { task: id, page: await desk.page(username, `/tasks/${id}`) };
}
