import assert from "node:assert/strict";
import { test } from "node:test";
import { pageEnvelope, parsePage, queryText } from "./paging.ts";

const projects = "https://causeway.example.org/v2/projects";
const page = (query: string) => parsePage(new URLSearchParams(query));

test("without parameters a page is the first fifty", () => {
  assert.deepEqual(page(""), { limit: 50, offset: 0 });
});

test("a limit above one hundred counts as one hundred", () => {
  assert.deepEqual(page("limit=1000&offset=20"), { limit: 100, offset: 20 });
});

test("of a parameter given twice the first wins", () => {
  assert.deepEqual(page("limit=7&limit=9"), { limit: 7, offset: 0 });
});

for (const query of ["limit=0", "limit=-1", "limit=ten", "limit=1.5", "limit=", "offset=-1", "offset=x", "offset=1e3"]) {
  test(`${query} is refused with a sentence about what is allowed`, () => {
    const refused = page(query);
    assert.ok("refused" in refused);
    assert.match(refused.refused, new RegExp(query.split("=")[0]!));
  });
}

test("a page in the middle links to both neighbours and keeps the other parameters", () => {
  const query = new URLSearchParams("fields=_all&limit=10&name=atlas&offset=10");
  assert.deepEqual(pageEnvelope(projects, query, { limit: 10, offset: 10 }, [], 41), {
    href: `${projects}?offset=10&limit=10&fields=_all&name=atlas`,
    items: [],
    links: [
      { href: `${projects}?offset=20&limit=10&fields=_all&name=atlas`, rel: "next", method: "GET" },
      { href: `${projects}?offset=0&limit=10&fields=_all&name=atlas`, rel: "prev", method: "GET" },
    ],
  });
});

test("the last page has no next, and the first no previous", () => {
  const none = new URLSearchParams();
  assert.deepEqual(pageEnvelope(projects, none, { limit: 50, offset: 0 }, [1], 50).links, []);
  const last = pageEnvelope(projects, none, { limit: 50, offset: 30 }, [1], 80);
  assert.deepEqual(last.links, [{ href: `${projects}?offset=0&limit=50`, rel: "prev", method: "GET" }]);
});

test("a page past the end still leads back", () => {
  const past = pageEnvelope(projects, new URLSearchParams(), { limit: 10, offset: 100 }, [], 20);
  assert.deepEqual(
    past.links.map((link) => link.rel),
    ["prev"],
  );
});

test("links keep repeated parameters repeated, and slashes and commas bare", () => {
  const query = new URLSearchParams("project=owner%2Fshort&tag=deep+sea&tag=reef&fields=id,name,!metadata.a&name=a%26b");
  const { href } = pageEnvelope("https://h/v2/files", query, { limit: 50, offset: 0 }, [], 0);
  assert.equal(
    href,
    "https://h/v2/files?offset=0&limit=50&project=owner/short&tag=deep%20sea&tag=reef&fields=id,name,!metadata.a&name=a%26b",
  );
});

test("what a link holds comes back as it was", () => {
  for (const text of ["a b+c", "100%", "é#?&=", "x,y/z:!@", "%2F"]) {
    assert.equal(new URLSearchParams(`k=${queryText(text)}`).get("k"), text);
  }
});
