import type { Account } from "@causeway/contract/client";
import type { Command } from "commander";
import { examples, withSession } from "../command.ts";
import { record, table } from "../output/output.ts";

/** Users, their invitations and tokens; all but `user me` are for platform administrators. */
export function userCommands(program: Command): void {
  const user = program.command("user").description("who uses the platform");
  user
    .command("me")
    .description("tell who you are on the platform")
    .addHelpText("after", examples("user me"))
    .action(
      withSession(async ({ client, output, url }) => {
        const me = await client.getMe();
        output.show(me, () => record({ username: me.username, email: me.email, role: me.role, platform: url }));
      }),
    );
  user
    .command("list")
    .description("list all users (administrators)")
    .addHelpText("after", examples("user list", "user list --json"))
    .action(
      withSession(async ({ operator, output }) => {
        const { users } = await operator.listAccounts();
        const state = (account: (typeof users)[number]) =>
          account.disabled ? "disabled" : account.is_admin ? "administrator" : "";
        output.show(users, () =>
          table(
            ["USERNAME", "EMAIL", "CREATED", ""],
            users.map((each) => [each.username, each.email, each.created_on, state(each)]),
            "Nobody.",
          ),
        );
      }),
    );
  user
    .command("create <username>")
    .description("make a user and print the token, this once (administrators)")
    .option("--email <address>", "e-mail address (default: USERNAME@localhost)")
    .option("--admin", "make an administrator of the platform")
    .option("--division <id>", "make a user of this division, called division/username")
    .option("--role <role>", "in the division: MEMBER, ADMIN or EXTERNAL_COLLABORATOR (default: MEMBER)")
    .addHelpText(
      "after",
      examples(
        "user create ana",
        "user create ben --email ben@example.org --admin",
        "user create mira --division atlas --role ADMIN",
      ),
    )
    .action(
      withSession(async ({ operator, output }, username: string, { email, admin, division, role }) => {
        const body = {
          username,
          ...(email ? { email } : {}),
          ...(admin ? { is_admin: true } : {}),
          ...(division === undefined ? {} : { division }),
          // The platform says which roles there are.
          ...(role === undefined ? {} : { role: role as Account["role"] & string }),
        };
        const created = await operator.createAccount({ body });
        output.show(created, () => record({ username: created.username, email: created.email, token: created.token }));
      }),
    );
  for (const [verb, disabled] of [
    ["disable", true],
    ["enable", false],
  ] as const) {
    user
      .command(`${verb} <username>`)
      .description(
        disabled
          ? "refuse a user's token from now on; their things stay (administrators)"
          : "accept the token of a disabled user again (administrators)",
      )
      .addHelpText("after", examples(`user ${verb} ben`))
      .action(
        withSession(async ({ operator, output }, username: string) => {
          const changed = await operator.changeAccount({ username, body: { disabled } });
          output.show(changed, () => `${changed.username} is ${changed.disabled ? "disabled" : "enabled"}.`);
        }),
      );
  }

  user
    .command("invite <username>")
    .description("make a link that works once, with which a user sets a password for the browser (administrators)")
    .addHelpText("after", examples("user invite ana", "user invite atlas/mira"))
    .action(
      withSession(async ({ operator, output }, username: string) => {
        const link = await operator.createLink({ username, body: { purpose: "password" } });
        output.show(link, () => `${link.url}\nFor ${link.username}, once, until ${link.expires_on}.`);
      }),
    );

  program
    .command("token")
    .description("tokens for the API")
    .command("new <username>")
    .alias("create")
    .description("make a new token for a user and print it; the old one ends (administrators)")
    .addHelpText("after", examples("token new ana"))
    .action(
      withSession(async ({ operator, output }, username: string) => {
        const { token } = await operator.renewToken({ username });
        output.show({ username, token }, () => token);
      }),
    );
}
