import type { Command } from "commander";
import { examples, withSession } from "../command.ts";
import { record, table } from "../output/output.ts";

/** Who pays, for what, and what things cost. */
export function billingCommands(program: Command): void {
  const billing = program.command("billing").description("billing groups: balances, what was charged, invoices");
  billing
    .command("list")
    .description("list your billing groups")
    .option("--all", "every group of the platform, with owner and balance (administrators)")
    .addHelpText("after", examples("billing list", "billing list --all"))
    .action(
      withSession(async ({ client, operator, output }, { all }) => {
        if (all) {
          const { billing_groups: groups } = await operator.listAllGroups();
          const rows = groups.map((each) => [each.id, each.owner, usd(each.balance), stateOf(each), each.name]);
          return output.show(groups, () => table(["ID", "OWNER", "BALANCE", "STATE", "NAME"], rows, "No groups."));
        }
        const groups = await Array.fromAsync(client.all.listBillingGroups({ fields: "_all" }));
        const rows = groups.map((each) => [each.id, usd(each.balance?.amount), stateOf(each), each.name]);
        output.show(groups, () => table(["ID", "BALANCE", "STATE", "NAME"], rows, "You have no billing group."));
      }),
    );
  billing
    .command("show <group>")
    .description("show a billing group with its balance")
    .addHelpText("after", examples("billing show 9d1f8f0a-3c5e-4d2b-8a44-0f5a1c0d6e7b"))
    .action(
      withSession(async ({ client, output }, group: string) => {
        const found = await client.getBillingGroup({ billing_group: group });
        output.show(found, () =>
          record({
            id: found.id,
            name: found.name,
            owner: found.owner,
            type: found.type,
            state: stateOf(found),
            balance: usd(found.balance.amount),
          }),
        );
      }),
    );
  billing
    .command("breakdown <group>")
    .description("list what was charged: tasks, or with --of, stored files or downloads")
    .option("--of <what>", "analysis, storage or egress", "analysis")
    .option("--from <day>", "charged on this day or later: 11-22-2026")
    .option("--to <day>", "charged on this day or earlier")
    .option("--invoice <id>", "what this invoice charges (default: what no invoice charges yet)")
    .addHelpText(
      "after",
      examples(
        "billing breakdown 9d1f8f0a-3c5e-4d2b-8a44-0f5a1c0d6e7b",
        "billing breakdown 9d1f8f0a-3c5e-4d2b-8a44-0f5a1c0d6e7b --of storage --from 11-01-2026",
      ),
    )
    .action(
      withSession(async ({ client, output }, group: string, options) => {
        const { breakdown } = await import("./breakdown.ts");
        const { charges, text } = await breakdown(client, group, options);
        output.show(charges, text);
      }),
    );
  billing
    .command("invoices [group]")
    .description("list invoices of a group, or of all of yours, newest first")
    .addHelpText("after", examples("billing invoices"))
    .action(
      withSession(async ({ client, output }, group: string | undefined) => {
        const filter = group === undefined ? {} : { billing_group: group };
        const invoices = await Array.fromAsync(client.all.listInvoices({ ...filter, fields: "_all" }));
        output.show(invoices, () =>
          table(
            ["ID", "FROM", "TO", "TASKS", "STORAGE", "TOTAL", ""],
            invoices.map((each) => [
              each.id,
              each.invoice_period.from,
              each.invoice_period.to,
              each.analysis_costs && `$${each.analysis_costs.amount}`,
              each.storage_costs && `$${each.storage_costs.amount}`,
              each.total && `$${each.total.amount}`,
              each.pending ? "pending" : "",
            ]),
            "No invoices yet: they are made at the end of a month.",
          ),
        );
      }),
    );
  operatorCommands(billing);
}

function operatorCommands(billing: Command): void {
  billing
    .command("create <name> <owner>")
    .description("make a billing group for a user (administrators)")
    .option("--credit <dollars>", "what it may spend")
    .addHelpText("after", examples('billing create "Grant 7" ana --credit 500'))
    .action(
      withSession(async ({ operator, output }, name: string, owner: string, { credit }) => {
        const { dollars } = await import("./dollars.ts");
        const body = { name, owner, ...(credit === undefined ? {} : { credit: dollars("--credit", credit) }) };
        const created = await operator.createGroup({ body });
        output.show(created, () => created.id);
      }),
    );
  billing
    .command("change <group>")
    .description("rename a billing group, set its credit, disable or enable it (administrators)")
    .option("--name <name>", "its new name")
    .option("--credit <dollars>", "what it may spend in all")
    .option("--disable", "let nobody spend on it")
    .option("--enable", "let its members spend on it again")
    .addHelpText(
      "after",
      examples(
        "billing change 9d1f8f0a-3c5e-4d2b-8a44-0f5a1c0d6e7b --credit 800",
        "billing change 9d1f8f0a-3c5e-4d2b-8a44-0f5a1c0d6e7b --disable",
      ),
    )
    .action(
      withSession(async ({ operator, output }, group: string, { name, credit, disable, enable }) => {
        const { dollars } = await import("./dollars.ts");
        const body = {
          ...(name === undefined ? {} : { name }),
          ...(credit === undefined ? {} : { credit: dollars("--credit", credit) }),
          ...(disable || enable ? { disabled: disable === true } : {}),
        };
        const changed = await operator.changeGroup({ group, body });
        const { id, owner, balance, members } = changed;
        output.show(changed, () =>
          record({ id, name: changed.name, owner, state: stateOf(changed), balance: usd(balance), members }),
        );
      }),
    );
  for (const [verb, description, done] of [
    ["add-member", "let a user spend on a billing group (administrators)", "may spend on it."],
    ["remove-member", "let a user spend on a billing group no more (administrators)", "may not spend on it any more."],
  ] as const) {
    billing
      .command(`${verb} <group> <username>`)
      .description(description)
      .addHelpText("after", examples(`billing ${verb} 9d1f8f0a-3c5e-4d2b-8a44-0f5a1c0d6e7b ben`))
      .action(
        withSession(async ({ operator, output }, group: string, username: string) => {
          const changed = await (verb === "add-member"
            ? operator.addPayer({ group, username })
            : operator.removePayer({ group, username }));
          output.show(changed, () => `${username} ${done}`);
        }),
      );
  }
}

const usd = (amount: number | undefined) => (amount === undefined ? "" : `$${amount.toFixed(2)}`);

const stateOf = ({ disabled, pending }: { disabled?: boolean | undefined; pending?: boolean | undefined }) =>
  disabled ? "disabled" : pending ? "pending" : "open";
