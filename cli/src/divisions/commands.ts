import type { Command } from "commander";
import { examples, withSession } from "../command.ts";
import { record, table } from "../output/output.ts";

/** Divisions, and the teams of their users. */
export function divisionCommands(program: Command): void {
  const division = program.command("division").description("divisions: users, teams and projects of their own");
  division
    .command("list")
    .description("list your divisions")
    .option("--all", "every division of the platform (administrators)")
    .addHelpText("after", examples("division list", "division list --all"))
    .action(
      withSession(async ({ client, operator, output }, { all }) => {
        const found = all ? (await operator.listAllDivisions()).divisions : await Array.fromAsync(client.all.listDivisions({}));
        output.show(found, () =>
          table(
            ["ID", "NAME"],
            found.map(({ id, name }) => [id, name]),
            all ? "No divisions yet: causeway division create ID NAME" : "You are in no division.",
          ),
        );
      }),
    );
  division
    .command("create <id> <name>")
    .description("make a division without users; the id begins their names and projects (administrators)")
    .addHelpText("after", examples('division create atlas "Atlas group"', "user create mira --division atlas --role ADMIN"))
    .action(
      withSession(async ({ operator, output }, id: string, name: string) => {
        const created = await operator.createDivision({ body: { id, name } });
        output.show(created, () => created.id);
      }),
    );
  division
    .command("show <division>")
    .description("show a division")
    .addHelpText("after", examples("division show atlas"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const found = await client.getDivision({ division: id });
        output.show(found, () => record({ id: found.id, name: found.name }));
      }),
    );
  division
    .command("users <division>")
    .description("list the users of a division")
    .addHelpText("after", examples("division users atlas"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const users = await Array.fromAsync(client.all.listUsers({ division: id, fields: "_all" }));
        output.show(users, () =>
          table(
            ["USERNAME", "EMAIL", "ROLE"],
            users.map((each) => [each.username, each.email, each.role]),
            "Nobody.",
          ),
        );
      }),
    );
  teamCommands(program);
}

function teamCommands(program: Command): void {
  const team = program.command("team").description("teams: users of a division who are members of projects together");
  team
    .command("list <division>")
    .description("list your teams in a division")
    .option("--all", "every team there (its administrators)")
    .addHelpText("after", examples("team list atlas", "team list atlas --all"))
    .action(
      withSession(async ({ client, output }, division: string, { all }) => {
        const teams = await Array.fromAsync(client.all.listTeams({ division, ...(all ? { _all: true } : {}) }));
        output.show(teams, () =>
          table(
            ["ID", "NAME"],
            teams.map(({ id, name }) => [id, name]),
            "No teams.",
          ),
        );
      }),
    );
  team
    .command("create <division> <name>")
    .description("make a team")
    .addHelpText("after", examples("team create atlas Sequencing"))
    .action(
      withSession(async ({ client, output }, division: string, name: string) => {
        const created = await client.createTeam({ body: { division, name } });
        output.show(created, () => created.id);
      }),
    );
  team
    .command("rename <team> <name>")
    .description("give a team, by its id, another name")
    .addHelpText("after", examples("team rename 0b66936c-44fa-440b-8ed6-b65f8bbf91ba Assembly"))
    .action(
      withSession(async ({ client, output }, id: string, name: string) => {
        const renamed = await client.renameTeam({ team: id, body: { name } });
        output.show(renamed, () => `${renamed.id} is ${renamed.name} now.`);
      }),
    );
  team
    .command("delete <team>")
    .description("delete a team; it leaves its projects")
    .addHelpText("after", examples("team delete 0b66936c-44fa-440b-8ed6-b65f8bbf91ba"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        await client.deleteTeam({ team: id });
        output.show({ deleted: id }, () => `${id} is deleted.`);
      }),
    );
  const members = team.command("members").description("who is in a team");
  members
    .command("list <team>", { isDefault: true })
    .description("list the members of a team")
    .addHelpText("after", examples("team members list 0b66936c-44fa-440b-8ed6-b65f8bbf91ba"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const found = await Array.fromAsync(client.all.listTeamMembers({ team: id }));
        output.show(found, () =>
          table(
            ["MEMBER", "ROLE"],
            found.map(({ username, role }) => [username, role]),
            "Nobody.",
          ),
        );
      }),
    );
  members
    .command("add <team> <username>")
    .description("add a user of the division: division/username")
    .addHelpText("after", examples("team members add 0b66936c-44fa-440b-8ed6-b65f8bbf91ba atlas/mira"))
    .action(
      withSession(async ({ client, output }, id: string, username: string) => {
        const added = await client.addTeamMember({ team: id, body: { id: username } });
        output.show(added, () => `${added.username} is a member now.`);
      }),
    );
  members
    .command("remove <team> <username>")
    .description("remove a member")
    .addHelpText("after", examples("team members remove 0b66936c-44fa-440b-8ed6-b65f8bbf91ba atlas/mira"))
    .action(
      withSession(async ({ client, output }, id: string, username: string) => {
        await client.removeTeamMember({ team: id, username });
        output.show({ removed: username }, () => `${username} is no member any more.`);
      }),
    );
}
