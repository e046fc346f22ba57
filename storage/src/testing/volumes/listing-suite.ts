import assert from "node:assert/strict";
import { body, isVolumeFault, listAll } from "./objects.ts";
import type { VolumeSuite } from "./volume-under-test.ts";

/** In key order: `-` and `.` sort before `/`, which sorts before `0`; capitals before small letters, both before what is beyond ASCII. */
const TREE = [
  "Z.txt",
  "a-b/x",
  "a.b",
  "a/1",
  "a/10",
  "a/2",
  "a/b/c/d/deep",
  "a/b/z",
  "a/ü",
  "a0",
  "b/only",
  "ab c",
  "日/本",
  "zz",
];

export function testListing({ story, options }: VolumeSuite): void {
  const sorted = (names: Iterable<string>) => [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const beneath = (prefix: string) => sorted(TREE.filter((name) => name.startsWith(prefix)));
  const folded = (prefix: string) =>
    sorted(
      new Set(
        beneath(prefix).map((name) => {
          const slash = name.indexOf("/", prefix.length);
          return slash < 0 ? name : name.slice(0, slash + 1);
        }),
      ),
    );

  story("everything is listed once, in key order, however long the pages are", async (store) => {
    for (const name of TREE) await store.put(name, body(name));
    for (const prefix of ["", "a", "a/", "a/b", "a/b/", "nothing/", "zz", "zzz"]) {
      for (const limit of [1, 3, 1000]) {
        const all = await listAll(store, { prefix, limit });
        assert.deepEqual(all.names, beneath(prefix), `${prefix} by ${limit}`);
        for (const page of all.pages) assert.ok(page.length <= limit);
        if (limit < 1000 && options.unproven?.["pages of folders"]) continue;
        const folders = await listAll(store, { prefix, limit, delimiter: "/" });
        assert.deepEqual(folders.names, folded(prefix), `folders of ${prefix} by ${limit}`);
        for (const page of folders.pages) assert.ok(page.length <= limit);
      }
    }
    const { objects, prefixes, next, skipped } = await store.list({ prefix: "a/", delimiter: "/" });
    assert.deepEqual(prefixes, ["a/b/"]);
    assert.deepEqual(
      objects.map(({ location, size, archived, metadata }) => ({ location, size, archived, told: metadata.size })),
      ["a/1", "a/10", "a/2", "a/ü"].map((location) => {
        const size = Buffer.byteLength(location);
        return { location, size, archived: false, told: size };
      }),
    );
    assert.deepEqual([next, skipped], [undefined, 0]);
    const one = objects[0]!;
    assert.equal(one.etag, (await store.stat("a/1")).etag);
    assert.ok(Math.abs(one.modifiedAt.getTime() - Date.now()) < 600_000);
  });

  story("the list goes on where it was, though objects come and go", async (store) => {
    for (const name of ["a", "b", "c/x", "d", "e"]) await store.put(name, body(name));
    const first = await store.list({ limit: 2 });
    await store.remove("b");
    await store.put("a1", body("a1"));
    await store.put("f", body("f"));
    const rest = await store.list({ limit: 1000, token: first.next });
    const seen = [...first.objects, ...rest.objects].map((object) => object.location);
    assert.deepEqual(
      ["a", "c/x", "d", "e"].map((name) => seen.filter((each) => each === name).length),
      [1, 1, 1, 1],
    );
  });

  story("a prefix without anything is an empty list", async (store) => {
    const empty = { objects: [], prefixes: [], skipped: 0 };
    assert.deepEqual(await store.list({}), empty);
    assert.deepEqual(await store.list({ prefix: "no/such/folder/", delimiter: "/" }), empty);
  });

  story("leading slashes of a prefix do not count, and one with .. is refused", async (store) => {
    await store.put("a/x", body("x"));
    assert.deepEqual((await listAll(store, { prefix: "/a/" })).names, ["a/x"]);
    await assert.rejects(store.list({ prefix: "../" }), isVolumeFault("BadLocation"));
    await assert.rejects(store.list({ prefix: "a/../../b" }), isVolumeFault("BadLocation"));
  });

  story("a volume sees nothing beside its prefix", async (store, another) => {
    await store.put("x", body("x"));
    const other = await another();
    assert.deepEqual((await listAll(other, {})).names, ["x"]);
    assert.ok((await listAll(other, {})).names.every((name) => !name.includes("suite-")));
  });

  story(
    "a token that was never given is refused",
    async (store) => {
      await store.put("x", body("x"));
      await assert.rejects(store.list({ token: "never given \u20ac" }), isVolumeFault("BadToken"));
    },
    "bad tokens",
  );
}
