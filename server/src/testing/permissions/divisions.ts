import { type PermissionRow, refusing, type Scene } from "./rows.ts";

const DIVISION = "atlas";

/** The scene's users have personal accounts, which see nothing of a division; `admin` operates the platform. */
const personal = refusing(90000, 90000, "read", "copy", "write", "execute", "owner");

const division = async ({ world }: Scene) => {
  await world.token(`${DIVISION}/head`, "ADMIN");
  return DIVISION;
};

const team = async (scene: Scene) => {
  const made = await scene.world.post("admin", "/teams", { name: scene.fresh(), division: await division(scene) });
  return made.body.id as string;
};

const userOfDivision = async (scene: Scene) => {
  const username = `${await division(scene)}/${scene.fresh().replace(" ", "-")}`;
  await scene.world.token(username);
  return username;
};

const member = async (scene: Scene) => {
  const params = { team: await team(scene), username: await userOfDivision(scene) };
  await scene.world.post("admin", `/teams/${params.team}/members`, { id: params.username });
  return params;
};

/** Divisions, their users and teams. What users of a division may do is told in divisions.test.ts and teams.test.ts. */
export const divisionRows: readonly PermissionRow[] = [
  { operation: "listDivisions", call: async () => ({}), refused: {} },
  { operation: "getDivision", call: async (scene) => ({ params: { division: await division(scene) } }), refused: personal },
  { operation: "listDivisionTeams", call: async (scene) => ({ params: { division: await division(scene) } }), refused: personal },
  { operation: "listUsers", call: async (scene) => ({ query: `?division=${await division(scene)}` }), refused: personal },
  {
    operation: "deleteUser",
    call: async (scene) => ({ params: { username: await userOfDivision(scene) } }),
    refused: refusing(2001, 2001, "read", "copy", "write", "execute", "owner"),
  },
  { operation: "listTeams", call: async (scene) => ({ query: `?division=${await division(scene)}` }), refused: personal },
  {
    operation: "createTeam",
    call: async (scene) => ({ body: { name: scene.fresh(), division: await division(scene) } }),
    refused: personal,
  },
  { operation: "getTeam", call: async (scene) => ({ params: { team: await team(scene) } }), refused: personal },
  {
    operation: "renameTeam",
    call: async (scene) => ({ params: { team: await team(scene) }, body: { name: scene.fresh() } }),
    refused: personal,
  },
  { operation: "deleteTeam", call: async (scene) => ({ params: { team: await team(scene) } }), refused: personal },
  { operation: "listTeamMembers", call: async (scene) => ({ params: { team: await team(scene) } }), refused: personal },
  {
    operation: "addTeamMember",
    call: async (scene) => ({ params: { team: await team(scene) }, body: { id: await userOfDivision(scene) } }),
    refused: personal,
  },
  { operation: "getTeamMember", call: async (scene) => ({ params: await member(scene) }), refused: personal },
  { operation: "removeTeamMember", call: async (scene) => ({ params: await member(scene) }), refused: personal },
];
