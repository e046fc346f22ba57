import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_INSTANCES } from "./instances.ts";
import { downloadedBytePrice, type PriceList, storedBytePrice, taskPrice } from "./prices.ts";

const HOUR = 3_600_000;
const prices: PriceList = {
  storageGbMonth: 0.31,
  egressGb: 0.09,
  instances: [
    { name: "c5.large", cpus: 2, memoryMib: 4096, hourly: 0.1 },
    { name: "c5.xlarge", cpus: 4, memoryMib: 8192, hourly: 0.2 },
    { name: "r5.large", cpus: 2, memoryMib: 16384, hourly: 0.15 },
  ],
};

test("a task that names an instance type has it from start to end", () => {
  const use = { runningMs: 2 * HOUR, jobs: [{ cores: 1, ramMiB: 100, runningMs: HOUR }] };
  assert.equal(taskPrice({ ...use, askedFor: ["c5.xlarge;ebs-gp2;512"] }, prices), 0.4);
  assert.equal(taskPrice({ ...use, askedFor: ["AUTO"] }, prices), 0.1, "its jobs are priced instead");
  assert.equal(
    taskPrice({ ...use, askedFor: ["x1.huge", "r5.large"] }, prices),
    0.3,
    "what the list does not have is passed over",
  );
});

test("without one each job has the cheapest machine that holds it, and one too large for all the dearest", () => {
  const price = (cores: number, ramMiB: number) =>
    taskPrice({ runningMs: 5 * HOUR, askedFor: [], jobs: [{ cores, ramMiB, runningMs: HOUR / 2 }] }, prices);
  assert.equal(price(1, 1000), 0.05);
  assert.equal(price(1, 8000), 0.075);
  assert.equal(price(3, 1000), 0.1);
  assert.equal(price(64, 1000), 0.1);
  assert.equal(taskPrice({ runningMs: HOUR, askedFor: [], jobs: [] }, prices), 0);
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
