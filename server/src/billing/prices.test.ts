import assert from "node:assert/strict";
import { test } from "node:test";
import { cheapestFor, DEFAULT_INSTANCES, providerOf } from "./instances.ts";
import { downloadedBytePrice, hourlyPrice, type PriceList, storedBytePrice } from "./prices.ts";

const prices: PriceList = {
  storageGbMonth: 0.31,
  egressGb: 0.09,
  diskGbHour: 0.001,
  interruptibleFactor: 0.4,
  instances: [
    { name: "c5.large", cpus: 2, memoryMib: 4096, hourly: 0.1 },
    { name: "c5.xlarge", cpus: 4, memoryMib: 8192, hourly: 0.2 },
    { name: "r5.large", cpus: 2, memoryMib: 16384, hourly: 0.15 },
  ],
};
const machine = { cpus: 16, memoryMib: 64_000 };

test("an instance costs its type and the disk that was asked for; one that may be interrupted costs less", () => {
  const [large] = prices.instances;
  assert.deepEqual(hourlyPrice(large!, { diskGb: 0, isInterruptible: false }, prices), { computation: 0.1, disk: 0 });
  const spot = hourlyPrice(large!, { diskGb: 500, isInterruptible: true }, prices);
  assert.deepEqual([spot.computation.toFixed(6), spot.disk.toFixed(6)], ["0.040000", "0.500000"]);
});

test("a job that names no type gets the cheapest that holds it, and one too large for all the largest", () => {
  const chosen = (cpus: number, memoryMib: number) => cheapestFor({ cpus, memoryMib }, prices.instances, machine).name;
  assert.equal(chosen(1, 1000), "c5.large");
  assert.equal(chosen(1, 8000), "r5.large");
  assert.equal(chosen(3, 1000), "c5.xlarge");
  assert.equal(chosen(64, 1000), "c5.xlarge");
});

test("where nothing costs anything the machine itself is the limit of a task that names no type", () => {
  const chosen = (cpus: number, memoryMib: number) =>
    cheapestFor({ cpus: 1, memoryMib: 1000 }, DEFAULT_INSTANCES, { cpus, memoryMib });
  assert.equal(chosen(2, 7000).name, "m4.large");
  assert.equal(chosen(24, 60_000).name, "m5.8xlarge");
  assert.equal(chosen(500, 4_000_000).name, "r5.24xlarge", "or the largest type");
});

test("a type's provider is whose catalogue has its name", () => {
  assert.deepEqual(["c5.2xlarge", "n2-highmem-8", "lab.xl"].map(providerOf), ["AWS", "Google", "CAUSEWAY"]);
});

test("a byte that is kept costs its part of the month, however long that is", () => {
  assert.equal(storedBytePrice(new Date("2031-01-15T00:00:00Z"), prices).toFixed(14), (0.31 / 31 / 1e9).toFixed(14));
  assert.ok(Math.abs(storedBytePrice(new Date("2032-02-29T23:59:59Z"), prices) * 29e9 - 0.31) < 1e-9);
  assert.equal(downloadedBytePrice(prices) * 1e9, 0.09);
});

test("the default list has the names that apps ask for, once each and for nothing", () => {
  const names = DEFAULT_INSTANCES.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of ["c4.2xlarge", "c5.9xlarge", "m5.24xlarge", "r4.large", "n1-standard-8", "n2-highmem-16"])
    assert.ok(names.includes(name), name);
  assert.ok(DEFAULT_INSTANCES.every(({ hourly, memoryMib }) => hourly === 0 && Number.isInteger(memoryMib)));
});
