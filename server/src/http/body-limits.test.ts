import assert from "node:assert/strict";
import { test } from "node:test";
import { OPERATIONS, type Operation } from "@causeway/contract";
import { withWorld } from "../testing/world.ts";
import { measureJson } from "./json-size.ts";

test("JSON is measured without being parsed", () => {
  const size = (text: string) => measureJson(Buffer.from(text));
  assert.deepEqual(size('{"a": [1, "x,[{\\"", {"b": null}], "c": 2}'), { values: 7, depth: 3 });
  assert.deepEqual(size("1"), { values: 1, depth: 0 });
  assert.equal(size("[".repeat(1e6)).depth, 1e6);
});

const DEEP = "[".repeat(100_000) + "]".repeat(100_000);

test(
  "a body with too many bytes or values, or too deep, is refused by every call that takes one, with the setting's name",
  withWorld(
    async (world) => {
      const operations = (Object.values(OPERATIONS) as Operation[]).filter(
        ({ method }) => method !== "GET" && method !== "DELETE",
      );
      for (const { method, path, yaml } of operations) {
        if (yaml) continue;
        const url = path.replace(/\{[^}]+\}/g, "x");
        for (const [body, setting] of [
          [`{"metadata": ${DEEP}}`, "CAUSEWAY_BODY_DEPTH"],
          [`{"items": [${"1,".repeat(2000)}1]}`, "CAUSEWAY_BODY_VALUES"],
          [`{"name": "${"x".repeat(300_000)}"}`, "CAUSEWAY_BODY_BYTES"],
        ] as const) {
          const answer = await world.send(method, "mirela", url, body);
          assert.deepEqual([answer.status, answer.body.code], [400, 90000], `${method} ${path}: ${JSON.stringify(answer.body)}`);
          assert.match(answer.body.more_info, new RegExp(setting), `${method} ${path}`);
        }
      }
    },
    { bodyBytes: 250_000, bodyValues: 1000 },
  ),
);
