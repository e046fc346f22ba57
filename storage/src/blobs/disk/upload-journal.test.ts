import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { UploadMissing } from "../blob-errors.ts";
import { UploadJournal } from "./upload-journal.ts";
import { apply, emptyUpload, type UploadEvent, type UploadState } from "./upload-state.ts";

const SHA = "ab".repeat(32);
const claimed = (writer: string, instead?: string): UploadEvent => ({
  is: "claimed",
  part: 1,
  writer,
  process: `of ${writer}`,
  instead,
});
const stored = (writer: string, place: "slot" | "aside"): UploadEvent => ({
  is: "stored",
  part: 1,
  writer,
  size: 5,
  sha256: SHA,
  place,
});

function after(...events: UploadEvent[]): UploadState {
  const state = emptyUpload();
  for (const event of events) apply(state, event, (sha256) => sha256.slice(0, 4));
  return state;
}

describe("the state of an upload", () => {
  test("the first claim to a slot holds", () => {
    assert.equal(after(claimed("a"), claimed("b")).slots.get(1)?.writer, "a");
  });

  test("a released slot can be claimed again, one that is written cannot", () => {
    assert.equal(after(claimed("a"), { is: "released", part: 1, writer: "a" }, claimed("b")).slots.get(1)?.writer, "b");
    assert.equal(after(claimed("a"), stored("a", "slot"), claimed("b", "a")).slots.get(1)?.writer, "a");
  });

  test("a slot is taken over from the claim that was named, once", () => {
    assert.equal(after(claimed("a"), claimed("b", "a"), claimed("c", "a")).slots.get(1)?.writer, "b");
    assert.equal(after(claimed("a"), claimed("b", "x")).slots.get(1)?.writer, "a");
  });

  test("a claim that was not granted stores nothing in the slot", () => {
    assert.equal(after(claimed("a"), claimed("b"), stored("b", "slot")).parts.size, 0);
  });

  test("the last body stored is the part, and the file aside of an earlier one is free", () => {
    const state = after(claimed("a"), stored("a", "slot"), stored("b", "aside"), stored("c", "aside"));
    assert.deepEqual(state.parts.get(1), { number: 1, writer: "c", size: 5, sha256: SHA, etag: "abab", place: "aside" });
    assert.deepEqual(state.superseded, ["b"]);
  });

  test("no slot is claimed after the seal, and the seal passes on only from whom it was named", () => {
    const sealed: UploadEvent = { is: "sealed", process: "p" };
    assert.equal(after(sealed, claimed("a")).slots.size, 0);
    assert.equal(after(sealed, { is: "sealed", process: "q" }).sealedBy, "p");
    assert.equal(after(sealed, { is: "sealed", process: "q", instead: "p" }).sealedBy, "q");
  });

  test("a part sent after an assembly makes it void", () => {
    const assembled: UploadEvent = { is: "assembled", file: "bytes", size: 5, sha256: null };
    assert.deepEqual(after(stored("a", "aside"), assembled).assembled, { file: "bytes", size: 5, sha256: null });
    assert.equal(after(assembled, stored("a", "aside")).assembled, undefined);
  });
});

describe("the journal of an upload", () => {
  test("what one journal appends, another reads on from where it was", async (t) => {
    const path = await newJournal(t);
    const [one, other] = [new UploadJournal(path, "u"), new UploadJournal(path, "u")];
    await one.append(claimed("a"), { durable: false });
    assert.equal((await other.read()).slots.size, 1);
    await other.append(stored("a", "slot"), { durable: true });
    assert.equal((await one.read()).parts.get(1)?.size, 5);
  });

  test("many appends at once are all there", async (t) => {
    const path = await newJournal(t);
    const journals = [new UploadJournal(path, "u"), new UploadJournal(path, "u")];
    const parts = Array.from({ length: 100 }, (_, index) => index + 1);
    await Promise.all(
      parts.map((part) => journals[part % 2]!.append({ ...stored("w", "aside"), part } as UploadEvent, { durable: false })),
    );
    assert.equal((await new UploadJournal(path, "u").read()).parts.size, 100);
  });

  test("a line torn anywhere counts as never written, and spoils no other", async (t) => {
    const path = await newJournal(t);
    await new UploadJournal(path, "u").append(claimed("a"), { durable: false });
    const whole = (await stat(path)).size;
    const state = await new UploadJournal(path, "u").append(stored("a", "slot"), { durable: true });
    assert.equal(state.parts.size, 1);
    const end = (await stat(path)).size;
    for (let cut = end - 2; cut >= whole; cut -= 1) {
      await truncate(path, cut);
      assert.equal((await new UploadJournal(path, "u").read()).parts.size, 0, `cut at ${cut}`);
    }
    await appendFile(path, '123 {"is":"stored","part":1'); // Torn, then written on by the next process.
    const next = await new UploadJournal(path, "u").append({ ...stored("b", "aside"), part: 2 } as UploadEvent, {
      durable: true,
    });
    assert.deepEqual([...next.parts.keys()], [2]);
  });

  test("a line whose bytes have rotted does not count", async (t) => {
    const path = await newJournal(t);
    await writeFile(path, `\n1 ${JSON.stringify(stored("a", "aside"))}\n`);
    assert.equal((await new UploadJournal(path, "u").read()).parts.size, 0);
  });

  test("an upload without a journal is missing", async () => {
    const journal = new UploadJournal("/nowhere/journal", "u");
    await assert.rejects(journal.read(), UploadMissing);
    await assert.rejects(journal.append(claimed("a"), { durable: false }), UploadMissing);
  });
});

async function newJournal(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-journal-"));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "journal"), "");
  return join(directory, "journal");
}
