import type { Command } from "commander";
import { examples, repeatable, withSession } from "../command.ts";
import { record, table } from "../output/output.ts";
import { projectTrashCommands } from "../trash/commands.ts";

/** Projects and their members. */
export function projectCommands(program: Command): void {
  const project = program.command("project").description("projects and their members");
  project
    .command("list")
    .description("list your projects, newest first")
    .option("--name <text>", "only projects whose name contains this")
    .option("--owner <username>", "only this owner's")
    .addHelpText("after", examples("project list", "project list --name reef --json"))
    .action(
      withSession(async ({ client, output }, { name, owner }) => {
        const filter = name === undefined ? {} : { name };
        const projects = await Array.fromAsync(
          owner === undefined ? client.all.listProjects(filter) : client.all.listProjectsOfOwner({ owner, ...filter }),
        );
        output.show(projects, () =>
          table(
            ["ID", "NAME", "CREATED"],
            projects.map((each) => [each.id, each.name, each.created_on]),
            "No projects yet: causeway project create NAME",
          ),
        );
      }),
    );
  project
    .command("create <name>")
    .description("make a project; its id comes from the name")
    .option("--description <text>", "Markdown")
    .option("--tag <tag>", "may be repeated", repeatable)
    .option("--billing-group <id>", "who pays (default: your first one)")
    .addHelpText("after", examples('project create "Reef 2026"', 'project create Reef --description "Coral reads" --tag coral'))
    .action(
      withSession(async ({ client, output }, name: string, { description, tag, billingGroup }) => {
        const created = await client.createProject({
          body: {
            name,
            ...(description === undefined ? {} : { description }),
            ...(tag === undefined ? {} : { tags: tag }),
            ...(billingGroup === undefined ? {} : { billing_group: billingGroup }),
          },
        });
        output.show(created, () => created.id);
      }),
    );
  project
    .command("show <project>")
    .description("show a project")
    .addHelpText("after", examples("project show ana/reef"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const { projectNamed } = await import("../files/places.ts");
        const found = await client.getProject(projectNamed(id));
        const { write, copy, execute, admin } = found.permissions;
        const may = Object.entries({ write, copy, execute, admin }).flatMap(([what, allowed]) => (allowed ? what : []));
        output.show(found, () =>
          record({
            id: found.id,
            name: found.name,
            description: found.description,
            tags: found.tags?.length ? found.tags : undefined,
            created: `${found.created_on} by ${found.created_by}`,
            "you may": ["read", ...may],
            "root folder": found.root_folder,
          }),
        );
      }),
    );
  project
    .command("delete <project>")
    .description("delete a project with everything in it; an administrator can restore it for a while")
    .addHelpText("after", examples("project delete ana/reef"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const { projectNamed } = await import("../files/places.ts");
        await client.deleteProject(projectNamed(id));
        output.show({ deleted: id }, () => `${id} is deleted.`);
      }),
    );
  projectTrashCommands(project);
  memberCommands(project);
}

const PERMISSIONS = ["write", "copy", "execute", "admin"] as const;

function memberCommands(project: Command): void {
  const members = project.command("members").description("who may do what in a project");
  members
    .command("list <project>", { isDefault: true })
    .description("list the members")
    .addHelpText("after", examples("project members list ana/reef"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const { projectNamed } = await import("../files/places.ts");
        const found = await Array.fromAsync(client.all.listMembers({ ...projectNamed(id), fields: "_all" }));
        output.show(found, () =>
          table(
            ["MEMBER", "MAY"],
            found.map((each) => [each.username, rights(each.permissions)]),
            "Nobody.",
          ),
        );
      }),
    );
  members
    .command("add <project> <username>")
    .description("add a member; everybody may read")
    .option("--may <right>", `${PERMISSIONS.join(", ")}; may be repeated`, repeatable)
    .addHelpText("after", examples("project members add ana/reef ben --may write --may execute"))
    .action(
      withSession(async ({ client, output }, id: string, username: string, { may = [] }) => {
        const { projectNamed } = await import("../files/places.ts");
        const body = { username, permissions: { read: true, ...(await chosen(may)) } };
        const added = await client.addMember({ ...projectNamed(id), body });
        output.show(added, () => `${added.username} may ${rights(added.permissions)}.`);
      }),
    );
  members
    .command("change <project> <username>")
    .description("set what a member may do besides reading")
    .option("--may <right>", `${PERMISSIONS.join(", ")}; may be repeated`, repeatable)
    .addHelpText(
      "after",
      examples("project members change ana/reef ben --may write", "project members change ana/reef ben      reading only"),
    )
    .action(
      withSession(async ({ client, output }, id: string, username: string, { may = [] }) => {
        const { projectNamed } = await import("../files/places.ts");
        const body = { read: true, ...(await chosen(may)) };
        const permissions = await client.replaceMemberPermissions({ ...projectNamed(id), username, body });
        output.show(permissions, () => `${username} may ${rights(permissions)}.`);
      }),
    );
  members
    .command("remove <project> <username>")
    .description("remove a member")
    .addHelpText("after", examples("project members remove ana/reef ben"))
    .action(
      withSession(async ({ client, output }, id: string, username: string) => {
        const { projectNamed } = await import("../files/places.ts");
        await client.removeMember({ ...projectNamed(id), username });
        output.show({ removed: username }, () => `${username} is no member of ${id} any more.`);
      }),
    );
}

async function chosen(may: readonly string[]): Promise<Record<(typeof PERMISSIONS)[number], boolean>> {
  const stray = may.find((right) => !(PERMISSIONS as readonly string[]).includes(right));
  if (stray !== undefined) {
    const { CliError, EXIT } = await import("../exit.ts");
    throw new CliError(`There is no right ${stray}: ${PERMISSIONS.join(", ")}.`, { exit: EXIT.usage });
  }
  const has = (right: string) => may.includes(right);
  return { write: has("write"), copy: has("copy"), execute: has("execute"), admin: has("admin") };
}

const rights = (permissions: Readonly<Partial<Record<(typeof PERMISSIONS)[number], boolean>>>) =>
  ["read", ...PERMISSIONS.filter((right) => permissions[right])].join(", ");
