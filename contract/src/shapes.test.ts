import assert from "node:assert/strict";
import { test } from "node:test";
import type { TSchema } from "typebox";
import { Check, Errors } from "typebox/value";
import { StorageCost } from "./billing/shapes.ts";
import { FileResults } from "./bulk/shapes.ts";
import { CopiedFiles, File } from "./files/shapes.ts";
import { EXAMPLES } from "./openapi/examples.ts";
import { Project } from "./projects/shapes.ts";
import { Task } from "./tasks/shapes.ts";
import { UploadDetail } from "./uploads/shapes.ts";

const fits = (shape: TSchema, value: unknown) => assert.ok(Check(shape, value), JSON.stringify(Errors(shape, value)));
const fitsNot = (shape: TSchema, value: unknown) => assert.ok(!Check(shape, value));

const folder = {
  href: "https://causeway.example.org/v2/files/6601f0b0c4e5b60012aa0002",
  id: "6601f0b0c4e5b60012aa0002",
  name: "alignments",
  project: "mcurie/radium",
  parent: "6601f0a2c4e5b60012aa0001",
  type: "folder",
  created_on: "2026-03-01T17:00:00Z",
  modified_on: "2026-03-01T17:00:00Z",
};

test("a folder has no size, and a root folder no parent", () => {
  const { parent: _, ...root } = folder;
  fits(File, folder);
  fits(File, { ...root, storage: { type: "PLATFORM" } });
});

test("the type of a file is in lower case, its times are whole seconds, and it has no other keys", () => {
  fitsNot(File, { ...folder, type: "FOLDER" });
  fitsNot(File, { ...folder, created_on: "2026-03-01T17:00:00.123Z" });
  fitsNot(File, { ...folder, url: "https://causeway.example.org/x" });
});

test("a project without a billing group leaves the key out", () => {
  const { billing_group: _, ...project } = EXAMPLES.Project as Record<string, unknown>;
  fits(Project, project);
  fitsNot(Project, { ...project, billing_group: null });
});

test("a batch counts its children, and a draft has no price yet", () => {
  const batch = {
    ...(EXAMPLES.Task as object),
    batch: true,
    batch_input: "reads",
    batch_by: { type: "CRITERIA", criteria: ["metadata.sample_id"] },
    price: null,
    execution_status: {
      message: "3 of 12 tasks failed.",
      message_code: "task_failed",
      queued: 1,
      running: 2,
      completed: 5,
      failed: 0,
      aborted: 0,
      queued_duration: 0,
      running_duration: 91000,
      execution_duration: 80000,
      duration: 91000,
    },
  };
  fits(Task, batch);
  fits(Task, { ...batch, batch_group: null, errors: [{ code: "MISSING_INPUT", input: "reads", message: "Required." }] });
  fitsNot(Task, { ...batch, price: { currency: "USD", amount: null, breakdown: { storage: "0", computation: "0" } } });
  fitsNot(Task, { ...batch, output_location: null });
});

test("an upload shows its parts only when asked", () => {
  const upload = { ...(EXAMPLES.Upload as object), uploaded_parts_count: 1 };
  fits(UploadDetail, upload);
  fits(UploadDetail, { ...upload, size: null, parts: [EXAMPLES.PartReport] });
});

test("a row of a locked project names nobody", () => {
  const cost = { size: "1.500000", unit: "GB/Month", cost: { amount: "0.034500", currency: "USD" } };
  fits(StorageCost, { project_locked: true, active: cost });
  fitsNot(StorageCost, { project_locked: true, project_name: null, active: cost });
});

test("a bulk answer has a resource or an error, and its numbers are numbers", () => {
  const error = { status: 404, code: 5002, message: "Requested file does not exist.", more_info: "https://h/docs#5002" };
  fits(FileResults, { items: [{ resource: folder }, { error, id: "6601" }] });
  fitsNot(FileResults, { items: [{ error: { ...error, code: "5002" } }] });
  fits(CopiedFiles, {
    "6601f3a9c4e5b60012aa00f1": { status: "OK", new_file_id: "6601f3a9c4e5b60012aa00a1", new_file_name: "_1_run12.bam" },
    "6601f3a9c4e5b60012aa00f2": { status: "FAILED", code: 5002, message: "Requested file does not exist." },
  });
});
