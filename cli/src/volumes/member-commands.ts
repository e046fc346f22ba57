import { type Command, Option } from "commander";
import { examples, repeatable, withSession } from "../command.ts";
import { table } from "../output/output.ts";

const PERMISSIONS = ["read", "copy", "write", "admin"] as const;
const MAY = ["--may <right>", `${PERMISSIONS.join(", ")}; may be repeated`] as const;

/** Who may do what with a volume. */
export function volumeMemberCommands(volume: Command): void {
  const members = volume.command("members").description("who may do what with a volume");
  members
    .command("list <volume>", { isDefault: true })
    .description("list the members")
    .addHelpText("after", examples("volume members list ana/neuro_raw"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const { volumeNamed } = await import("./named.ts");
        const found = await Array.fromAsync(client.all.listVolumeMembers(volumeNamed(id)));
        output.show(found, () =>
          table(
            ["MEMBER", "TYPE", "MAY"],
            found.map(({ username, type, permissions }) => [username, type, rights(permissions)]),
            "Nobody.",
          ),
        );
      }),
    );
  members
    .command("add <volume> <username>")
    .description("add a user, a team (by its id) or a division")
    .option(...MAY, repeatable)
    .addOption(new Option("--type <type>", "what the member is").choices(["user", "team", "division"]).default("user"))
    .addHelpText("after", examples("volume members add ana/neuro_raw ben --may read --may copy"))
    .action(
      withSession(async ({ client, output }, id: string, username: string, { may = [], type }) => {
        const { volumeNamed } = await import("./named.ts");
        const body = { username, type: type.toUpperCase(), permissions: await chosen(may) };
        const added = await client.addVolumeMember({ ...volumeNamed(id), body });
        output.show(added, () => `${added.username} may ${rights(added.permissions)}.`);
      }),
    );
  members
    .command("change <volume> <username>")
    .description("set what a member may do")
    .option(...MAY, repeatable)
    .addHelpText("after", examples("volume members change ana/neuro_raw ben --may read"))
    .action(
      withSession(async ({ client, output }, id: string, username: string, { may = [] }) => {
        const { volumeNamed } = await import("./named.ts");
        const body = await chosen(may);
        const permissions = await client.replaceVolumePermissions({ ...volumeNamed(id), username, body });
        output.show(permissions, () => `${username} may ${rights(permissions)}.`);
      }),
    );
  members
    .command("remove <volume> <username>")
    .description("remove a member")
    .addHelpText("after", examples("volume members remove ana/neuro_raw ben"))
    .action(
      withSession(async ({ client, output }, id: string, username: string) => {
        const { volumeNamed } = await import("./named.ts");
        await client.removeVolumeMember({ ...volumeNamed(id), username });
        output.show({ removed: username }, () => `${username} is no member of ${id} any more.`);
      }),
    );
}

type Permissions = Record<(typeof PERMISSIONS)[number], boolean>;

async function chosen(may: readonly string[]): Promise<Permissions> {
  const stray = may.find((right) => !(PERMISSIONS as readonly string[]).includes(right));
  if (stray !== undefined) {
    const { CliError, EXIT } = await import("../exit.ts");
    throw new CliError(`There is no right ${stray}: ${PERMISSIONS.join(", ")}.`, { exit: EXIT.usage });
  }
  const has = (right: string) => may.includes(right);
  return { read: has("read"), copy: has("copy"), write: has("write"), admin: has("admin") };
}

const rights = (permissions: Readonly<Permissions>) => PERMISSIONS.filter((right) => permissions[right]).join(", ") || "nothing";
