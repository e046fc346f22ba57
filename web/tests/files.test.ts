import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { assertLooksRight, stories } from "./browser.ts";

stories((story) => {
  story("files are looked into, described, moved and deleted", async (desk) => {
    const client = await desk.platform.as("ben");
    await client.createProject({ body: { name: "Shelf" } });
    const page = await desk.page("ben", "/projects/ben/shelf/files");
    const input = page.locator("input[type=file][multiple]");
    await input.setInputFiles([
      { name: "table.csv", mimeType: "text/csv", buffer: Buffer.from('sample,note\nS1,"a, b"\nS2,"say ""yes"""\n') },
      { name: "reads.fastq.gz", mimeType: "", buffer: gzipSync("@r1\nACGT\n+\nIIII\n") },
      { name: "binary.bam", mimeType: "", buffer: Buffer.from([0, 1, 2, 3, 0]) },
      { name: "empty.txt", mimeType: "", buffer: Buffer.alloc(0) },
    ]);
    await page.getByText("Uploaded 4 of 4 files").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "table.csv" }).click();
    await page.getByRole("cell", { name: 'say "yes"' }).waitFor();
    await assertLooksRight(page);
    await page.getByLabel("New key", { exact: true }).fill("sample_id");
    await page.getByLabel("Value of the new key").fill("S1");
    await page.getByRole("button", { name: "Save metadata" }).click();
    await page.getByLabel("sample_id").waitFor();
    await page.getByLabel("Tags, separated by commas").fill("raw, checked");
    await page.getByRole("button", { name: "Save name and tags" }).click();
    await page.keyboard.press("Escape");
    await page.getByText("checked", { exact: true }).waitFor();
    await page.getByRole("button", { name: "reads.fastq.gz" }).click();
    await page.getByText("@r1").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "binary.bam" }).click();
    await page.getByText("These are bytes that nobody reads").waitFor();
    const saved = page.waitForEvent("download");
    await page.getByRole("dialog").getByRole("button", { name: "Download" }).click();
    assert.equal((await saved).suggestedFilename(), "binary.bam");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "empty.txt" }).click();
    await page.getByText("(empty)").waitFor();
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "New folder" }).click();
    await page.getByLabel("Name", { exact: true }).fill("kept");
    await page.getByRole("button", { name: "Make it" }).click();
    await page.getByRole("button", { name: "kept", exact: true }).waitFor();
    await page.getByLabel("Choose table.csv").check();
    await page.getByRole("button", { name: "Move" }).click();
    await page.getByRole("dialog").getByLabel("Choose kept").check();
    await assertLooksRight(page);
    await page.getByRole("button", { name: "Choose it" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "table.csv" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "kept", exact: true }).click();
    await page.getByRole("button", { name: "table.csv" }).waitFor();
    await page.getByRole("button", { name: "All files" }).click();
    await page.getByLabel("Choose kept").check();
    await page.getByRole("button", { name: "Delete" }).click();
    await assertLooksRight(page);
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: "kept", exact: true }).waitFor({ state: "detached" });
  });

  story("who may only read sees everything and is offered nothing else", async (desk) => {
    const client = await desk.platform.as("carla");
    const project = await client.createProject({ body: { name: "Hers" } });
    await desk.platform.as("dan");
    const hers = await desk.page("carla", "/projects/carla/hers/members");
    await hers.getByLabel("Username").fill("dan");
    await hers.getByRole("button", { name: "Add as a reader" }).click();
    await hers.getByLabel("dan may see everything").waitFor();
    await assertLooksRight(hers);
    await client.createApp({ owner: "carla", project: "hers", name: "tool", body: TOOL });
    await client.createFolder({ body: { name: "reads", type: "folder", parent: project.root_folder } });

    const his = await desk.page("dan", "/projects/carla/hers/files");
    await his.getByRole("button", { name: "reads" }).waitFor();
    for (const name of ["Upload files", "New folder"]) assert.equal(await his.getByRole("button", { name }).count(), 0, name);
    await his.getByLabel("Choose reads").check();
    for (const name of ["Delete", "Move", "Download"]) assert.equal(await his.getByRole("button", { name }).count(), 0, name);
    await his.getByRole("navigation", { name: "Parts of the project" }).getByRole("link", { name: "Apps" }).click();
    await his.getByRole("link", { name: "Small tool" }).waitFor();
    for (const name of ["Run Small tool", "Install an app"])
      assert.equal(await his.getByRole("button", { name }).count(), 0, name);
    await his.getByRole("navigation", { name: "Parts of the project" }).getByRole("link", { name: "Settings" }).click();
    assert.equal(await his.getByLabel("Let disks grow").isDisabled(), true);
    await assertLooksRight(his);

    const stranger = await desk.page("eva", "/projects/carla/hers");
    await stranger.getByRole("heading", { name: "There is no such project" }).waitFor();
    await assertLooksRight(stranger);
    await hers.getByLabel("dan may add, change and remove files and apps").check();
    await his.reload();
    await his.getByRole("navigation", { name: "Parts of the project" }).getByRole("link", { name: "Files" }).click();
    await his.getByRole("button", { name: "Upload files" }).waitFor();
  });
});

const TOOL = { cwlVersion: "v1.2", class: "CommandLineTool", label: "Small tool", baseCommand: "true", inputs: {}, outputs: {} };
