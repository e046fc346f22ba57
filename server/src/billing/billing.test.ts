import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { ended } from "../tasks/testing.ts";
import { type World, withWorld } from "../testing/world.ts";
import { closeMonths } from "./invoice-queries.ts";

const ECHO = {
  class: "CommandLineTool",
  cwlVersion: "v1.2",
  label: "Say hello",
  baseCommand: ["sh", "-c", "sleep 0.2; echo hello"],
  inputs: [],
  outputs: [{ id: "said", type: "stdout" }],
};

async function ranTask(world: World, user: string, project: string) {
  const app = await world.post(user, `/apps/${project}/echo/raw`, ECHO);
  assert.ok(app.status === 200 || app.body.code === 6003, JSON.stringify(app.body));
  const task = { project, app: `${project}/echo`, name: "hello", inputs: {}, execution_settings: { instance_type: "c5.xlarge" } };
  const made = await world.post(user, "/tasks?action=run", task);
  assert.equal(made.status, 200, JSON.stringify(made.body));
  return ended(world, user, made.body.id);
}

interface AnalysisItem {
  analysis_id: string;
  analysis_cost: { amount: string };
}

const groupOf = async (world: World, user: string) => (await world.get(user, "/billing/groups")).body.items[0].id as string;

/** As if files had been charged up to that day. */
const chargedUntil = (world: World, day: string) =>
  sql`update ledger_progress set storage_until = ${day}::date`.execute(world.platform.db);

/** Asks until the list has an item: a download is charged when it has been sent. */
async function firstOf(world: World, user: string, path: string) {
  for (;;) {
    const { body } = await world.get(user, path);
    if (body.items.length > 0) return body.items[0];
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

test(
  "a task is charged to its project's group when it ends, and a locked project tells nothing of it but the cost",
  withWorld(async (world) => {
    await world.platform.services.billingAdministration.setPrices({
      instances: [{ name: "c5.xlarge", cpus: 4, memoryMib: 8192, hourly: 36_000 }],
    });
    const project = await world.project("mira", "Reef");
    const task = await ranTask(world, "mira", project.id);
    assert.ok(task.price.amount >= 1, `ten dollars a second: ${JSON.stringify(task.price)}`);
    assert.equal(task.price.breakdown.computation, task.price.amount.toFixed(2));

    const group = await groupOf(world, "mira");
    const path = `/billing/groups/${group}/breakdown/analysis`;
    const { body, headers } = await world.get("mira", path);
    assert.equal(headers.get("x-total-matching-query"), "1");
    const [row] = body.items;
    assert.deepEqual(
      { ...row, analysis_cost: undefined },
      {
        analysis_type: "TASK",
        analysis_id: task.id,
        project_locked: false,
        project_name: "Reef",
        analysis_app_name: "Say hello",
        analysis_name: "hello",
        ran_by: "mira",
        analysis_status: "COMPLETED",
        analysis_cost: undefined,
        refunded_amount: "0.000000",
        time_started: task.start_time,
        time_finished: task.end_time,
      },
    );
    assert.match(row.analysis_cost.amount, /^\d+\.\d{6}$/);
    assert.equal(Number(row.analysis_cost.amount).toFixed(2), task.price.amount.toFixed(2));
    const { balance } = (await world.get("mira", `/billing/groups/${group}`)).body;
    assert.equal(balance.amount, -Number(row.analysis_cost.amount));
    assert.equal((await world.get("mira", "/billing/groups?fields=balance")).body.items[0].balance.amount, balance.amount);

    const again = await ranTask(world, "mira", project.id);
    const others = await ranTask(world, "mira", (await world.project("mira", "Atoll")).id);
    const { body: spending } = await world.get("mira", `/billing/groups/${group}/breakdown/`);
    const costs = new Map<string, string>(
      (await world.get("mira", path)).body.items.map((each: AnalysisItem) => [each.analysis_id, each.analysis_cost.amount]),
    );
    const costOf = (...tasks: { id: string }[]) => ({
      currency: "USD",
      amount: tasks.reduce((sum, { id }) => sum + Number(costs.get(id)), 0).toFixed(6),
    });
    const spentOn = (ended: typeof task) => ({
      href: `${world.url}/tasks/${ended.id}`,
      runner_username: "mira",
      time_started: ended.start_time,
      time_finished: ended.end_time,
      task_cost: costOf(ended),
    });
    assert.deepEqual(spending, {
      href: `${world.url}/billing/groups/${group}/breakdown`,
      project_breakdown: [
        {
          href: `${world.url}/projects/mira/atoll`,
          analysis_spending: costOf(others),
          task_breakdown: [spentOn(others)],
        },
        {
          href: `${world.url}/projects/mira/reef`,
          analysis_spending: costOf(again, task),
          task_breakdown: [spentOn(again), spentOn(task)],
        },
      ],
      total_spending: costOf(others, again, task),
    });

    await world.patch("mira", `/projects/${project.id}`, { settings: { locked: true } });
    const locked = (await world.get("mira", path)).body.items.at(-1);
    assert.deepEqual(Object.keys(locked), ["analysis_type", "analysis_id", "project_locked", "analysis_cost", "refunded_amount"]);
    const [, reef] = (await world.get("mira", `/billing/groups/${group}/breakdown`)).body.project_breakdown;
    assert.deepEqual(Object.keys(reef.task_breakdown[0]), ["href", "task_cost"]);
  }),
);

test(
  "files are charged once for every day at whose end they are there, downloads by project and user",
  withWorld(async (world) => {
    const { billingAdministration, ledger } = world.platform.services;
    await billingAdministration.setPrices({ storageGbMonth: 30_000, egressGb: 1_000 });
    const project = await world.project("mira", "Reef");
    const file = await world.file("mira", project.id, "a.bin", "x".repeat(20_000));
    const group = await groupOf(world, "mira");

    await chargedUntil(world, "2031-06-09");
    for (const hour of ["01", "02", "23"]) await ledger.chargeStorage(new Date(`2031-06-11T${hour}:00:00Z`));
    await Promise.all(["01", "02"].map((hour) => ledger.chargeStorage(new Date(`2031-06-12T${hour}:00:00Z`))));
    const storage = `/billing/groups/${group}/breakdown/storage`;
    const cost = (days: number) => ({ amount: (days * 0.02).toFixed(6), currency: "USD" });
    const [row] = (await world.get("mira", storage)).body.items;
    assert.deepEqual(row.active.cost, cost(2));
    assert.equal(row.active.size, (0.00002 * (2 / 30)).toFixed(6));
    assert.equal(row.project_created_by, "mira");
    assert.equal(row.location, "local:main");
    assert.deepEqual((await world.get("mira", `${storage}?date_from=06-11-2031`)).body.items[0].active.cost, cost(1));
    assert.deepEqual((await world.get("mira", `${storage}?date_to=06-10-2031`)).body.items[0].active.cost, cost(1));
    assert.deepEqual((await world.get("mira", `${storage}?date_from=06-12-2031`)).body.items, []);

    const { url } = (await world.get("mira", `/files/${file.id}/download_info`)).body;
    const egress = `/billing/groups/${group}/breakdown/egress`;
    assert.equal((await (await fetch(url)).text()).length, 20_000);
    assert.deepEqual(await firstOf(world, "mira", egress), {
      project_name: "Reef",
      downloaded_by: "mira",
      project_locked: false,
      downloaded: { size: "0.000020", unit: "GB" },
      egress_cost: { currency: "USD", amount: "0.020000" },
    });
    await fetch(url, { headers: { range: "bytes=0-4999" } }).then((answer) => answer.arrayBuffer());
    while ((await firstOf(world, "mira", egress)).egress_cost.amount !== "0.025000")
      await new Promise((wake) => setTimeout(wake, 10));

    await world.patch("mira", `/projects/${project.id}`, { settings: { locked: true } });
    assert.deepEqual(Object.keys((await world.get("mira", egress)).body.items[0]), [
      "project_locked",
      "downloaded",
      "egress_cost",
    ]);
    assert.deepEqual(Object.keys((await world.get("mira", storage)).body.items[0]), ["project_locked", "active", "archived"]);

    assert.equal((await world.delete("mira", `/projects/${project.id}`)).status, 204);
    assert.equal((await world.get("mira", storage)).body.items.length, 1, "what was charged outlives the project");
  }),
);

test(
  "a month is closed once, and its invoice takes what was charged in it",
  withWorld(async (world) => {
    const { billingAdministration, ledger } = world.platform.services;
    await billingAdministration.setPrices({ storageGbMonth: 30_000 });
    const project = await world.project("mira", "Reef");
    await world.file("mira", project.id, "a.bin", "x".repeat(2_000_000));
    const group = await groupOf(world, "mira");
    await chargedUntil(world, "2031-06-28");
    // Nothing ran for three days: they are charged as if it had.
    await ledger.chargeStorage(new Date("2031-07-02T00:10:00Z"));

    const { db } = world.platform;
    assert.equal(await closeMonths(db, new Date("2031-06-30T23:59:59Z")), 0);
    const closed = await Promise.all([1, 2].map(() => closeMonths(db, new Date("2031-07-01T00:10:00Z"))));
    assert.deepEqual(closed.sort(), [0, 1]);

    const listed = await world.get("mira", `/billing/invoices?billing_group=${group}`);
    const [{ id, ...item }] = listed.body.items;
    assert.match(id, /^\d+$/);
    assert.deepEqual(item, {
      href: `${world.url}/billing/invoices/${id}`,
      invoice_id: id,
      pending: false,
      invoice_period: { from: "2031-06-01T00:00:00Z", to: "2031-06-30T23:59:59Z" },
    });
    const { body: invoice, headers } = await world.get("mira", `/billing/invoices/${id}`);
    assert.equal(invoice.approval_date, "2031-07-01T00:10:00Z");
    assert.deepEqual(invoice.storage_costs, { currency: "USD", amount: "4.00" });
    assert.deepEqual(invoice.analysis_costs, { currency: "USD", amount: "0.00" });
    assert.deepEqual(invoice.total, { currency: "USD", amount: "4.00" });
    assert.equal(headers.get("x-total-matching-query"), null);

    const storage = `/billing/groups/${group}/breakdown/storage`;
    const amount = async (query: string) => (await world.get("mira", storage + query)).body.items[0].active.cost.amount;
    assert.equal(await amount(`?invoice_id=${id}`), "4.000000");
    assert.equal(await amount(`?invoice_id=${id}&date_from=06-30-2031`), "2.000000");
    assert.match(await amount(""), /^1\.93/, "July has 31 days");
    await assert.rejects(
      db.updateTable("transactions").set({ invoice_id: 5 }).where("group_id", "=", group).execute(),
      "no transaction has an invoice that is not there",
    );

    const others = await groupOf(world, "ben");
    assert.equal((await world.get("ben", `/billing/invoices/${id}`)).body.code, 4001);
    assert.equal((await world.get("ben", "/billing/invoices/12345")).body.code, 4002);
    assert.equal((await world.get("ben", "/billing/invoices/none")).body.code, 4002);
    assert.equal((await world.get("ben", "/billing/invoices//")).body.code, 4007);
    assert.deepEqual((await world.get("ben", "/billing/invoices")).body.items, []);
    assert.equal((await world.get("ben", `/billing/invoices?billing_group=${group}`)).body.code, 4001);
    assert.equal((await world.get("ben", `/billing/groups/${others}/breakdown/storage?invoice_id=${id}`)).body.code, 4001);
  }),
);

test(
  "files that came or went are charged for the days at whose end they were there, and no day is charged years late",
  withWorld(async (world) => {
    const { ledger } = world.platform.services;
    const project = await world.project("mira", "Reef");
    const late = await world.file("mira", project.id, "late.bin", "x".repeat(2));
    const gone = await world.file("mira", project.id, "gone.bin", "x".repeat(10));
    await world.delete("mira", `/files/${gone.id}`);
    const between = (id: string, from: string, to: string | null) =>
      sql`update files set created_at = ${from}, deleted_at = ${to} where id = ${id}`.execute(world.platform.db);
    await between(late.id, "2031-06-11T00:00:00Z", null);
    await between(gone.id, "2031-06-09T23:59:59Z", "2031-06-11T12:00:00Z");
    await chargedUntil(world, "2031-06-07");
    await ledger.chargeStorage(new Date("2031-06-13T00:00:00Z"));
    const charged = async () =>
      (
        await sql<{ day: string; bytes: number }>`
          select to_char(day, 'MM-DD') as day, bytes from transactions where kind = 'STORAGE' order by transactions.day`.execute(
          world.platform.db,
        )
      ).rows.map(({ day, bytes }) => `${day} ${bytes}`);
    assert.deepEqual(await charged(), ["06-09 10", "06-10 10", "06-11 2", "06-12 2"]);

    await ledger.chargeStorage(new Date("2061-06-13T00:00:00Z"));
    assert.ok((await charged()).length < 100);
  }),
);

test(
  "breakdowns refuse what is no day, no group and no invoice",
  withWorld(async (world) => {
    const group = await groupOf(world, "mira");
    const stranger = await groupOf(world, "ben");
    const unknown = "00000000-0000-4000-8000-000000000000";
    const code = async (path: string) => (await world.get("mira", path)).body.code;
    for (const kind of ["analysis", "storage", "egress"]) {
      const breakdown = `/billing/groups/${group}/breakdown/${kind}`;
      assert.equal((await world.get("mira", breakdown)).body.items.length, 0);
      assert.equal(await code(`${breakdown}?date_from=2031-06-01`), 90000);
      assert.equal(await code(`${breakdown}?date_to=02-30-2031`), 90000);
      assert.equal(await code(`${breakdown}?date_from=06-02-2031&date_to=06-01-2031`), 90000);
      assert.equal(await code(`${breakdown}?invoice_id=`), 4007);
      assert.equal(await code(`${breakdown}?invoice_id=77`), 4002);
      assert.equal(await code(`/billing/groups/${stranger}/breakdown/${kind}`), 4001);
      assert.equal(await code(`/billing/groups/${unknown}/breakdown/${kind}`), 4002);
      assert.equal(await code(`/billing/groups/no-uuid/breakdown/${kind}`), 4005);
      assert.equal(await code(`/billing/groups//breakdown/${kind}`), 4004);
      const { body } = await world.get("mira", `${breakdown}?date_from=06-01-2031&limit=5`);
      assert.equal(body.href, `${world.url}${breakdown}?offset=0&limit=5&date_from=06-01-2031`);
    }
    assert.equal(await code(`/billing/groups/${stranger}/breakdown`), 4001);
    assert.equal(await code(`/billing/groups/${unknown}/breakdown`), 4002);
    assert.equal(await code("/billing/groups/no-uuid/breakdown"), 4005);
    assert.equal(await code("/billing/groups//breakdown"), 4004);
    const { body: nothing } = await world.get("mira", `/billing/groups/${group.toUpperCase()}/breakdown`);
    assert.deepEqual(nothing, {
      href: `${world.url}/billing/groups/${group}/breakdown`,
      project_breakdown: [],
      total_spending: { currency: "USD", amount: "0.000000" },
    });
    assert.equal(await code("/billing/invoices?billing_group=x"), 4005);
    assert.equal(await code(`/billing/invoices?billing_group=${unknown}`), 4002);
  }),
);

test(
  "operators make billing groups, say who spends on them, and set prices",
  withWorld(async (world) => {
    const operate = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${world.url.replace("/v2", "")}/operator${path}`, {
        method,
        headers: { "x-sbg-auth-token": await world.token("admin"), ...(body ? { "content-type": "application/json" } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      // biome-ignore lint/suspicious/noExplicitAny: see Answer.
      return { status: response.status, body: (await response.json()) as any };
    };
    for (const user of ["mira", "ben"]) await world.token(user);
    const made = await operate("POST", "/billing-groups", { name: "Reef grant", owner: "mira", credit: 250.5 });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const { id } = made.body;
    assert.deepEqual(made.body.members, ["mira"]);
    assert.deepEqual((await world.get("mira", `/billing/groups/${id}`)).body.balance, { currency: "USD", amount: 250.5 });
    assert.equal((await operate("POST", "/billing-groups", { name: "Reef grant", owner: "mira" })).body.code, 4003);
    assert.equal((await operate("POST", "/billing-groups", { name: "x", owner: "nobody" })).body.code, 2002);
    assert.equal((await operate("POST", "/billing-groups", { name: "x", owner: "ben", credit: "1" })).body.code, 90000);

    const project = { name: "Shared", billing_group: id };
    assert.equal((await world.post("ben", "/projects", project)).body.code, 4006);
    assert.deepEqual((await operate("PUT", `/billing-groups/${id}/members/ben`)).body.members, ["mira", "ben"]);
    assert.equal((await world.post("ben", "/projects", project)).body.billing_group, id);
    assert.equal((await operate("DELETE", `/billing-groups/${id}/members/mira`)).body.code, 90007);
    assert.equal((await operate("DELETE", `/billing-groups/${id}/members/ben`)).status, 200);
    assert.equal((await operate("DELETE", `/billing-groups/${id}/members/ben`)).body.code, 2002);
    assert.equal((await operate("PATCH", `/billing-groups/${id}`, { disabled: true })).body.disabled, true);
    assert.equal((await world.post("mira", "/projects", project)).body.code, 4001);
    assert.equal((await operate("PATCH", "/billing-groups/none", { disabled: true })).body.code, 4002);
    assert.equal((await operate("GET", "/billing-groups")).body.billing_groups.length, 4);

    const xl = { name: "lab.xl", cpus: 40, memory_mib: 1_000_000, hourly: 0.75 };
    const set = await operate("PATCH", "/prices", { egress_gb: 0.05, instances: [xl, { ...xl, name: "c5.large" }] });
    assert.equal(set.body.egress_gb, 0.05);
    const { instances } = (await operate("GET", "/prices")).body;
    assert.deepEqual(
      instances.find(({ name }: { name: string }) => name === "lab.xl"),
      xl,
    );
    assert.equal(instances.filter(({ name }: { name: string }) => name === "c5.large").length, 1);
    assert.equal((await operate("PATCH", "/prices", { egress_gb: -1 })).body.code, 90000);
    const refused = await fetch(`${world.url.replace("/v2", "")}/operator/prices`, {
      headers: { "x-sbg-auth-token": await world.token("mira") },
    });
    assert.equal(refused.status, 403);
  }),
);
