import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { greeting } from "./greeting.ts";

const URL = "http://127.0.0.1:8080/v2";

test("where commands do not find the platform by themselves, its directory is told for pasting", () => {
  const here = resolve(".causeway");
  const usual = greeting(URL, here, { tokenFile: join(here, "admin.token"), isNew: true, link: undefined });
  assert.match(usual, /^Data: \.causeway\nAdministrator's token: in \.causeway\/admin\.token \(made just now\)\n/m);
  assert.match(usual, /in this directory commands find the platform by themselves/);
  assert.doesNotMatch(usual, /CAUSEWAY_DATA/);

  const elsewhere = greeting(URL, "/srv/ana's lab", { tokenFile: undefined, isNew: false, link: undefined });
  assert.match(elsewhere, /^Data: \/srv\/ana's lab\n/m, "no path with ../");
  assert.match(elsewhere, /in another terminal:\n {2}export CAUSEWAY_DATA='\/srv\/ana'\\''s lab'\n {2}npx causeway user me\n/);
});
