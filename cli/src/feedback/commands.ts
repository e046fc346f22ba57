import type { Command } from "commander";
import { examples, withSession } from "../command.ts";
import { table } from "../output/output.ts";

/** What users say to the operators. */
export function feedbackCommands(program: Command): void {
  const feedback = program.command("feedback").description("what users say to the operators");
  feedback
    .command("send <text>")
    .description("say something to the operators, once a minute")
    .option("--type <type>", "idea, thought or problem", "idea")
    .addHelpText("after", examples('feedback send "More reefs" --type idea'))
    .action(
      withSession(async ({ client, output }, text: string, { type }) => {
        await client.sendFeedback({ body: { text, type } });
        output.show({ text, type }, () => "Thank you.");
      }),
    );
  feedback
    .command("list")
    .description("read the last of it, newest first (administrators)")
    .addHelpText("after", examples("feedback list", "feedback list --json"))
    .action(
      withSession(async ({ operator, output }) => {
        const { feedback: said } = await operator.listFeedback();
        output.show(said, () =>
          table(
            ["SENT", "USER", "TYPE", "TEXT"],
            said.map((each) => [each.sent_on, each.username, each.type, each.text]),
            "Nobody has said anything.",
          ),
        );
      }),
    );
}
