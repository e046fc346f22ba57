import type { ShareWeight } from "@causeway/contract/client";
import type { Command } from "commander";
import { examples, withSession } from "../command.ts";
import { CliError, EXIT } from "../exit.ts";
import { type Output, table } from "../output/output.ts";

const OF = ["billing-group", "project", "user"] as const;

/** How large the shares of the machines are, for administrators. */
export function weightCommands(program: Command): void {
  const weight = program
    .command("weight")
    .description("how large a share of the machines billing groups, their projects, and users get (administrators)");
  weight
    .command("list", { isDefault: true })
    .description("list the weights that were set; all others are 1 (administrators)")
    .addHelpText("after", examples("weight list"))
    .action(withSession(async ({ operator, output }) => show(output, (await operator.listWeights()).weights)));
  weight
    .command("set <of> <name> <weight>")
    .description(
      "of a billing-group (its id), a project or a user, from 0.01 to 100: with 2 twice what others get (administrators)",
    )
    .addHelpText(
      "after",
      examples(
        "weight set billing-group 9d1f8f0a-3c5e-4d2b-8a44-0f5a1c0d6e7b 2",
        "weight set project ana/reef 0.5",
        "weight set user ben 3",
      ),
    )
    .action(
      withSession(async ({ operator, output }, of: string, name: string, text: string) => {
        const number = Number(text);
        if (text.trim() === "" || !(number >= 0.01 && number <= 100))
          throw new CliError(`A weight is a number from 0.01 to 100, and ${text} is none.`, { exit: EXIT.usage });
        const set = await operator.setWeight({ body: { of: kindOf(of), name, weight: number } });
        output.show(set, () => `${set.of} ${set.name} has weight ${set.weight}.`);
      }),
    );
  weight
    .command("unset <of> <name>")
    .description("let it count as 1 again (administrators)")
    .addHelpText("after", examples("weight unset user ben"))
    .action(
      withSession(async ({ operator, output }, of: string, name: string) =>
        show(output, (await operator.unsetWeight({ of: kindOf(of), name })).weights),
      ),
    );
}

function kindOf(text: string): ShareWeight["of"] {
  const kind = OF.find((each) => each === text);
  if (kind) return kind;
  throw new CliError(`${text} has no weight: it is one of ${OF.join(", ")}.`, { exit: EXIT.usage });
}

function show(output: Output, weights: readonly ShareWeight[]): void {
  output.show(weights, () =>
    table(
      ["OF", "NAME", "WEIGHT"],
      weights.map(({ of, name, weight }) => [of, name, weight]),
      "All weights are 1.",
    ),
  );
}
