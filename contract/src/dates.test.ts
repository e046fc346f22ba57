import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDay, parseTime, timestamp } from "./dates.ts";

test("a timestamp has whole seconds and a Z", () => {
  assert.equal(timestamp(new Date("2026-03-02T08:21:40.987Z")), "2026-03-02T08:21:40Z");
});

const times: [string, string][] = [
  ["2026-03-02", "2026-03-02T00:00:00.000Z"],
  ["2026-03-02T08:21:40", "2026-03-02T08:21:40.000Z"],
  ["2026-03-02 08:21:40", "2026-03-02T08:21:40.000Z"],
  ["2026-03-02T08:21", "2026-03-02T08:21:00.000Z"],
  ["2026-03-02T08:21:40Z", "2026-03-02T08:21:40.000Z"],
  ["2026-03-02t08:21:40z", "2026-03-02T08:21:40.000Z"],
  ["2026-03-02T08:21:40.5Z", "2026-03-02T08:21:40.500Z"],
  ["2026-03-02T08:21:40.123456", "2026-03-02T08:21:40.123Z"],
  ["2026-03-02T08:21:40+02:00", "2026-03-02T06:21:40.000Z"],
  ["2026-03-02T08:21:40 02:00", "2026-03-02T06:21:40.000Z"],
  ["2026-03-02T08:21:40-0530", "2026-03-02T13:51:40.000Z"],
  ["2024-02-29", "2024-02-29T00:00:00.000Z"],
];
for (const [text, expected] of times) {
  test(`${text} is ${expected}`, () => assert.equal(parseTime(text)?.toISOString(), expected));
}

for (const text of [
  "",
  "yesterday",
  "2026-02-30",
  "2026-13-01",
  "2026-03-02T24:00:00",
  "2026-03-02T08:61",
  "02-03-2026",
  "1767226200",
]) {
  test(`"${text}" is no time`, () => assert.equal(parseTime(text), undefined));
}

test("the days of breakdowns are month, day and year", () => {
  assert.equal(parseDay("02-11-2031")?.toISOString(), "2031-02-11T00:00:00.000Z");
  for (const text of ["2031-02-11", "2-11-2031", "13-01-2031", "02-30-2031", ""]) assert.equal(parseDay(text), undefined);
});
