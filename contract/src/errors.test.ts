import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { API_ERRORS, detailOf, errorEnvelope, FURTHER_ERRORS, PUBLISHED_ERRORS } from "./errors.ts";

const table = readFileSync(new URL("../testdata/error-codes.tsv", import.meta.url), "utf8")
  .split("\n")
  .slice(1)
  .filter((line) => line !== "")
  .map((line) => {
    const [code, status, , message] = line.split("\t");
    return { code: Number(code), status: Number(status), message };
  });

test("the published table is here row by row, in its order", () => {
  assert.equal(table.length, 131);
  assert.equal(new Set(table.map((row) => row.code)).size, 130);
  assert.deepEqual(Object.values(PUBLISHED_ERRORS), table);
});

test("no further kind takes the name or the number of a published one", () => {
  const published = new Set(table.map((row) => row.code));
  for (const [kind, { code }] of Object.entries(FURTHER_ERRORS)) {
    assert.ok(!(kind in PUBLISHED_ERRORS), kind);
    assert.ok(!published.has(code), `${kind} has the number ${code}`);
  }
  const further = Object.values(FURTHER_ERRORS).map((entry) => entry.code);
  assert.equal(new Set(further).size, further.length);
});

test("a 503 that is not maintenance only says that a service is down", () => {
  for (const [kind, { code, status }] of Object.entries(API_ERRORS)) {
    if (status === 503 && code !== 0) assert.match(kind, /[uU]navailable|[uU]nreachable|searchInconsistent/);
  }
});

test("the envelope has four keys and a link to the page about the code", () => {
  assert.deepEqual(errorEnvelope("projectNotFound", "https://causeway.example.org/v2"), {
    status: 404,
    code: 3002,
    message: "Requested project or member does not exist.",
    more_info: "https://causeway.example.org/docs/api-status-codes#3002",
  });
});

test("the message stays as published, and a detail travels in more_info", () => {
  const baseUrl = "https://causeway.example.org/v2";
  const { message, more_info } = errorEnvelope("badRequest", baseUrl, "`limit` must be at least 1.");
  assert.equal(message, API_ERRORS.badRequest.message);
  assert.ok(more_info.endsWith("#90000"));
  assert.equal(detailOf(more_info), "`limit` must be at least 1.");
  // A long detail is cut, perhaps amid a character.
  assert.ok(errorEnvelope("badRequest", baseUrl, `x${"\u{1F9EC}".repeat(400)}`).more_info.endsWith("#90000"));
});
