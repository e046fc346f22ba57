import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isVolumeFault } from "../../testing/volumes/objects.ts";
import { kindOfAddress } from "./addresses.ts";
import { EndpointList, type Lookup } from "./endpoint-list.ts";
import { ServiceHttp } from "./service-http.ts";

describe("addresses", () => {
  const kinds = {
    never: [
      "0.0.0.0",
      "169.254.169.254",
      "169.254.0.1",
      "100.100.100.200",
      "168.63.129.16",
      "224.0.0.1",
      "255.255.255.255",
      "::",
      "fe80::1",
      "fe80::1%eth0",
      "febf::1",
      "fd00:ec2::254",
      "ff02::1",
      "::ffff:169.254.169.254",
      "::ffff:a9fe:a9fe",
      "::169.254.169.254",
      "64:ff9b::a9fe:a9fe",
      "2002:a9fe:a9fe::1",
      "",
      "host.name",
      "127.1",
    ],
    private: [
      "127.0.0.1",
      "127.255.0.1",
      "10.0.0.1",
      "172.31.255.255",
      "192.168.1.1",
      "100.64.0.1",
      "198.18.0.1",
      "::1",
      "fd12::1",
      "::ffff:10.1.2.3",
      "64:ff9b::7f00:1",
      "2001:db8::1",
      "0:0:0:0:0:0:0:1",
    ],
    public: ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "52.216.1.1"],
  } as const;
  for (const [kind, addresses] of Object.entries(kinds)) {
    for (const address of addresses)
      test(`${JSON.stringify(address)} is ${kind}`, () => assert.equal(kindOfAddress(address), kind));
  }
});

describe("the list of endpoints", () => {
  const allowed: [string[], string, number, string, boolean][] = [
    [[], "s3.example", 443, "8.8.8.8", false],
    [["*"], "s3.example", 443, "8.8.8.8", true],
    [["*"], "s3.example", 443, "10.0.0.1", false],
    [["*"], "8.8.8.8", 443, "8.8.8.8", false],
    [["*.amazonaws.com"], "lab.s3.amazonaws.com", 443, "52.216.1.1", true],
    [["*.amazonaws.com"], "amazonaws.com.evil.example", 443, "52.216.1.1", false],
    [["*.amazonaws.com"], "evilamazonaws.com", 443, "52.216.1.1", false],
    [["*.amazonaws.com"], "lab.s3.amazonaws.com", 443, "127.0.0.1", false],
    [["minio.lab"], "minio.lab", 9000, "10.0.0.1", true],
    [["Minio.Lab"], "MINIO.lab", 9000, "127.0.0.1", true],
    [["minio.lab:9000"], "minio.lab", 9000, "10.0.0.1", true],
    [["minio.lab:9000"], "minio.lab", 22, "10.0.0.1", false],
    [["minio.lab"], "minio.lab", 80, "169.254.169.254", false],
    [["minio.lab"], "minio.lab", 80, "::ffff:169.254.169.254", false],
    [["10.1.0.0/16"], "any.name", 9000, "10.1.2.3", true],
    [["10.1.0.0/16"], "any.name", 9000, "10.2.2.3", false],
    [["10.1.0.0/16"], "any.name", 9000, "::ffff:10.1.2.3", true],
    [["0.0.0.0/0", "::/0"], "any.name", 80, "169.254.169.254", false],
    [["127.0.0.1"], "localhost", 9000, "127.0.0.1", true],
    [["127.0.0.1:9000"], "127.0.0.1", 9000, "127.0.0.1", true],
    [["127.0.0.1:9000"], "127.0.0.1", 9001, "127.0.0.1", false],
    [["[::1]:9000"], "::1", 9000, "::1", true],
    [["[::1]:9000"], "::1", 9001, "::1", false],
    [["::1"], "localhost", 9001, "::1", true],
  ];
  for (const [entries, host, port, address, expected] of allowed) {
    test(`${JSON.stringify(entries)} ${expected ? "allows" : "refuses"} ${host}:${port} at ${address}`, () => {
      assert.equal(new EndpointList(entries).allows(host, port, address), expected);
    });
  }

  for (const entry of [
    "",
    "http://minio.lab",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/9",
    "*.",
    "a b",
    "minio.lab/path",
    "host:123456",
  ]) {
    test(`${JSON.stringify(entry)} is no entry`, () => assert.throws(() => new EndpointList([entry]), TypeError));
  }

  const resolving =
    (...addresses: string[]): Lookup =>
    (_host, options, done) => {
      const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
      done(null, options.all ? found : found[0]!.address, found[0]!.family);
    };

  for (const [what, host, entries, lookup] of [
    ["a name of the metadata service", "minio.lab", ["minio.lab"], resolving("169.254.169.254")],
    ["a name that has also a forbidden address", "minio.lab", ["*", "8.8.8.8"], resolving("8.8.8.8", "127.0.0.1")],
    ["a public name of a private address", "s3.example", ["*"], resolving("192.168.0.7")],
    ["the metadata service itself", "169.254.169.254", ["*", "169.254.0.0/16", "169.254.169.254"], resolving()],
    ["it in another spelling", "0xa9.0xfe.43518", ["*", "169.254.0.0/16"], resolving()],
    ["it as an IPv6 address", "[::ffff:169.254.169.254]", ["*", "::/0"], resolving()],
    ["this host", "localhost", ["*"], resolving("127.0.0.1")],
    ["this host by a number", "2130706433", ["*"], resolving()],
  ] as const) {
    test(`${what} is not connected to`, async () => {
      const url = new URL(`http://${host}/bucket`);
      const http = new ServiceHttp({ hosts: [url], endpoints: new EndpointList(entries, lookup), limits: { connectMs: 1000 } });
      await assert.rejects(http.send({ method: "GET", url, headers: {} }), isVolumeFault("AddressRefused"));
      http.close();
    });
  }

  test("a name that is not known is told as a service that cannot be reached", async () => {
    const url = new URL("http://nobody.invalid/bucket");
    const lookup: Lookup = (_host, _options, done) => done(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }), "");
    const http = new ServiceHttp({ hosts: [url], endpoints: new EndpointList(["*"], lookup) });
    await assert.rejects(http.send({ method: "GET", url, headers: {} }), isVolumeFault("Unreachable"));
    http.close();
  });

  test("a request leaves for no other host than the service's", async () => {
    const http = new ServiceHttp({ hosts: [new URL("http://127.0.0.1:9")], endpoints: new EndpointList(["*", "127.0.0.1"]) });
    for (const other of ["http://127.0.0.1:10/", "https://127.0.0.1:9/", "http://localhost:9/"]) {
      await assert.rejects(http.send({ method: "GET", url: new URL(other), headers: {} }), isVolumeFault("Redirected"), other);
    }
    http.close();
  });
});
