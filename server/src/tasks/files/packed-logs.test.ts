import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { packLogs, packsIn, unpackLogs } from "./packed-logs.ts";

test("what was packed comes out as it was, under its id; what does not fit is left over", () => {
  const bytes = [0, 1, 255, 70_000, 7].map((size) => randomBytes(size));
  const logs = bytes.map((content, index) => ({ name: `a/log ${index}`, bytes: content }));
  const { packed, rest } = packLogs(logs);
  assert.deepEqual(rest, []);
  const found = unpackLogs(packed!.id, packed!.bytes, { other: "5".repeat(24), ...packed!.ids });
  assert.deepEqual(
    found.map(({ id: _, ...log }) => log),
    logs,
  );
  for (const { id, name } of found) assert.equal(packed!.ids[name], id);

  const many = Array.from({ length: 300 }, (_, index) => ({ name: String(index), bytes: randomBytes(300) }));
  const of = packLogs(many);
  assert.deepEqual(of.rest, many.slice(256));
  assert.equal(new Set(Object.values(of.packed!.ids)).size, 256);
  for (const id of Object.values(of.packed!.ids)) assert.match(id, /^[0-9a-f]{24}$/);
  assert.deepEqual(packLogs([]), { packed: undefined, rest: [] });
});

test("ids of logs are seen wherever a request names them, and nothing else is", () => {
  const { ids, id } = packLogs([{ name: "x", bytes: Buffer.of() }]).packed!;
  const log = ids.x!;
  assert.deepEqual(packsIn(`/v2/files/${log}/download_info`, undefined), [id]);
  assert.deepEqual(packsIn(`/v2/files?parent=${log.toUpperCase()}`, null), [id]);
  assert.deepEqual(packsIn("/v2/bulk/files/get", Buffer.from(JSON.stringify({ file_ids: ["a", log, log] }))), [id]);
  assert.deepEqual(packsIn("/v2/files/5772b6f1507c1752674486d0", Buffer.from(`{"sha256":"${"f".repeat(64)}"}`)), []);
  assert.deepEqual(packsIn(`/v2/files/${log}0`, Buffer.from(log.slice(1))), []);
});
