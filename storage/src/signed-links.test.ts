import assert from "node:assert/strict";
import { createSecretKey, randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { allowsLink, type LinkGrant, signLink } from "./signed-links.ts";

const newSecret = (bytes: number) => createSecretKey(randomBytes(bytes));
const secret = newSecret(32);
const grant: LinkGrant = { method: "GET", target: "/storage/files/66?name=a.bam", expires: 1_767_225_600 };
const before = grant.expires - 1;
const { exp, sig } = signLink(secret, grant);
const request = { method: "GET", target: grant.target, exp, sig };

describe("signed links", () => {
  test("a link allows what it was signed for, until it expires", () => {
    assert.ok(allowsLink(secret, request, before));
    assert.ok(allowsLink(secret, request, grant.expires - 0.001));
    assert.ok(!allowsLink(secret, request, grant.expires));
  });

  test("the clock is the system's unless another is given", () => {
    const expires = Math.ceil(Date.now() / 1000) + 600;
    assert.ok(allowsLink(secret, { method: "PUT", target: "t", ...signLink(secret, { method: "PUT", target: "t", expires }) }));
    assert.ok(!allowsLink(secret, request));
  });

  test("what may be read may be asked for its head", () => {
    assert.ok(allowsLink(secret, { ...request, method: "HEAD" }, before));
  });

  const refused: Record<string, object> = {
    "another method": { method: "PUT" },
    "a method that no link is for": { method: "DELETE" },
    "another target": { target: "/storage/files/67?name=a.bam" },
    "a later expiry": { exp: String(grant.expires + 1) },
    "an expiry spelled otherwise": { exp: `0${exp}` },
    "an expiry that is no number": { exp: "Infinity" },
    "no expiry": { exp: undefined },
    "two expiries": { exp: [exp, exp] },
    "no signature": { sig: undefined },
    "an empty signature": { sig: "" },
    "half a signature": { sig: sig.slice(0, 20) },
    "a signature with one character changed": { sig: (sig[0] === "A" ? "B" : "A") + sig.slice(1) },
    "a signature with more after it": { sig: `${sig}=` },
    "a signature of as many characters, not bytes": { sig: "ä".repeat(sig.length) },
  };
  for (const [what, change] of Object.entries(refused)) {
    test(`a link with ${what} is refused`, () => assert.ok(!allowsLink(secret, { ...request, ...change }, before)));
  }

  test("a link signed with another secret is refused", () => {
    assert.ok(!allowsLink(secret, { ...request, ...signLink(newSecret(32), grant) }, before));
  });

  test("a link for reading is not one for writing", () => {
    assert.ok(!allowsLink(secret, { ...request, ...signLink(secret, { ...grant, method: "PUT" }) }, before));
  });

  test("a short secret is no secret", () => {
    assert.throws(() => signLink(newSecret(31), grant), RangeError);
  });
});
