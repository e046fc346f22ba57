import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAppId, parseFileId, parseProjectId, parseUuid, projectShortName, projectShortNameAt } from "./ids.ts";

test("file ids and UUIDs are taken in upper case and kept in lower case", () => {
  assert.equal(parseFileId("66B1F0C2A9D4E83B7C5F0112"), "66b1f0c2a9d4e83b7c5f0112");
  assert.equal(parseUuid("5D0C7A1E-8B34-4F6A-9C21-70AB3E55D902"), "5d0c7a1e-8b34-4f6a-9c21-70ab3e55d902");
  for (const text of ["", "66b1f0c2", "66b1f0c2a9d4e83b7c5f011g", "66b1f0c2a9d4e83b7c5f01120"])
    assert.equal(parseFileId(text), undefined);
  for (const text of ["", "5d0c7a1e8b344f6a9c2170ab3e55d902", "5d0c7a1e-8b34-4f6a-9c21-70ab3e55d90"])
    assert.equal(parseUuid(text), undefined);
});

test("a project id is exactly two parts", () => {
  assert.deepEqual(parseProjectId("mira.okafor/coral-wgs-2031"), { owner: "mira.okafor", project: "coral-wgs-2031" });
  assert.deepEqual(parseProjectId("mira/coral/"), { owner: "mira", project: "coral" });
  for (const text of ["", "mira", "/coral", "mira/", "a/b/c", "//"]) assert.equal(parseProjectId(text), undefined);
});

test("an app id is three parts, or four with a revision", () => {
  const app = { owner: "mira", project: "coral", name: "align" };
  assert.deepEqual(parseAppId("mira/coral/Align"), app);
  assert.deepEqual(parseAppId("mira/coral/align/"), app);
  assert.deepEqual(parseAppId("mira/coral/align/7"), { ...app, revision: 7 });
});

const refusedApps: [string, string][] = [
  ["mira/coral", "appMalformedId"],
  ["mira/coral/align/1/2", "appMalformedId"],
  ["mira/coral/al ign", "appMalformedId"],
  ["mira/coral/123", "appMalformedId"],
  ["/coral/align", "appProjectOwnerEmpty"],
  ["mira//align", "appProjectEmpty"],
  ["mira/coral//1", "appNameEmpty"],
  ["mira/coral/align/x", "appRevisionNotInteger"],
  ["mira/coral/align/-1", "appRevisionNotInteger"],
];
for (const [text, kind] of refusedApps) {
  test(`the app id "${text}" is refused as ${kind}`, () => assert.deepEqual(parseAppId(text), { refused: kind }));
}

const shortNames: [string, string][] = [
  ["Coral WGS 2031", "coral-wgs-2031"],
  ["mira's  RNA_Seq (v2)!", "mira-s-rna-seq-v2"],
  ["Éclair Ångström", "eclair-angstrom"],
  ["日本", "project"],
  ["--", "project"],
  ["a".repeat(120), "a".repeat(100)],
];
for (const [name, expected] of shortNames) {
  test(`a project named "${name.slice(0, 30)}" is ${expected.slice(0, 30)}`, () =>
    assert.equal(projectShortName(name), expected));
}

test("an underscore in a short name marks a collision", () => {
  assert.deepEqual(
    [0, 1, 2].map((attempt) => projectShortNameAt("Coral WGS 2031", attempt)),
    ["coral-wgs-2031", "coral-wgs-2031_1", "coral-wgs-2031_2"],
  );
});
