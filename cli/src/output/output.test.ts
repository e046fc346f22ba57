import assert from "node:assert/strict";
import { test } from "node:test";
import { onOneLine, printable, printableText, record, table } from "./output.ts";

const MESSAGE = "the command failed\r\nlast words\n\tmore\u001b[31m red\u0007";

test("line breaks of messages stay in the terminal, and nothing of them steers it", () => {
  assert.equal(printableText(MESSAGE), "the command failed\nlast words\n\tmore red\ufffd");
  assert.equal(
    record({ status: "FAILED", message: MESSAGE }),
    "status:  FAILED\nmessage: the command failed\n         last words\n         \tmore red\ufffd",
  );
});

test("a message of several lines fits a line of progress", () => {
  assert.equal(onOneLine(MESSAGE), "the command failed last words more red\ufffd");
});

test("a name cannot begin a line of its own", () => {
  assert.equal(printable("a\nstatus: COMPLETED"), "a\ufffdstatus: COMPLETED");
  assert.deepEqual(table(["name"], [["a\nb"]], "none").split("\n"), ["name", "a\ufffdb"]);
  assert.equal(record({ name: "a\nstatus: x", status: "y" }).split("\n")[1]!.trimStart(), "status: x");
  assert.match(record({ name: "a\nstatus: x", status: "y" }).split("\n")[1]!, /^ {8}/);
});
