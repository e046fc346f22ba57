import assert from "node:assert/strict";
import { test } from "node:test";
import { readRange } from "./ranges.ts";

test("a range is clamped to the blob; one beyond it is told apart; what is no range means all", () => {
  const cases: [string | undefined, number, ReturnType<typeof readRange>][] = [
    [undefined, 10, "all"],
    ["bytes=0-4", 10, { offset: 0, length: 5 }],
    ["Bytes=0-4", 10, { offset: 0, length: 5 }],
    ["bytes=3-", 10, { offset: 3, length: 7 }],
    ["bytes=0-5242879", 10, { offset: 0, length: 10 }],
    ["bytes=9-9", 10, { offset: 9, length: 1 }],
    ["bytes=-3", 10, { offset: 7, length: 3 }],
    ["bytes=-30", 10, { offset: 0, length: 10 }],
    ["bytes=10-", 10, "beyond"],
    ["bytes=10-20", 10, "beyond"],
    ["bytes=-0", 10, "beyond"],
    ["bytes=0-0", 0, "beyond"],
    ["bytes=-5", 0, "beyond"],
    ["bytes=5-3", 10, "all"],
    ["bytes=-", 10, "all"],
    ["bytes=0-1,4-5", 10, "all"],
    ["items=0-1", 10, "all"],
    ["bytes=a-b", 10, "all"],
    ["bytes=0-99999999999999999999999", 10, { offset: 0, length: 10 }],
  ];
  for (const [header, size, expected] of cases) assert.deepEqual(readRange(header, size), expected, header);
});
