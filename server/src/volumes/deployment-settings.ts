import { readFile, realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EndpointList } from "@causeway/storage";
import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { Settings } from "../settings.ts";
import type { DeclaredRoot, VolumeDeployment } from "./services/deployment.ts";
import type { VolumeType } from "./services/service-shape.ts";

type VolumeSettings = Pick<
  Settings,
  | "dataDirectory"
  | "volumeEndpoints"
  | "volumeTypes"
  | "volumeReadOnlyTypes"
  | "volumeWritableHosts"
  | "volumeWriteProbe"
  | "exportTypes"
  | "exportHosts"
  | "volumeAnswerSeconds"
  | "volumeCa"
  | "volumeRoots"
  | "volumeRoleAccessKeyId"
  | "volumeRoleSecretAccessKey"
  | "volumeStsEndpoint"
>;

const texts = Type.Optional(Type.Array(Type.String()));
const id = Type.Optional(Type.Integer({ minimum: 0 }));

const Roots = Type.Record(
  Type.String(),
  Type.Object(
    {
      path: Type.String({ pattern: "^/" }),
      mode: Type.Enum(["RO", "RW"]),
      users: texts,
      teams: texts,
      divisions: texts,
      uid: id,
      gid: id,
      umask: Type.Optional(Type.String({ pattern: "^0?[0-7]{3}$" })),
      max_names: Type.Optional(Type.Integer({ minimum: 1 })),
    },
    { additionalProperties: false },
  ),
);
type RootSetting = Static<typeof Roots>[string];

/** What the settings say of volumes. @throws Error naming the setting that cannot be read */
export async function readDeployment(settings: VolumeSettings): Promise<VolumeDeployment> {
  return {
    endpoints: endpointsOf(settings.volumeEndpoints),
    ca: settings.volumeCa === "" ? undefined : await readFile(settings.volumeCa, "utf8"),
    answerMs: settings.volumeAnswerSeconds * 1000,
    types: typesOf(settings.volumeTypes),
    readOnlyTypes: typesOf(settings.volumeReadOnlyTypes),
    writableHosts: settings.volumeWritableHosts === "" ? undefined : wordsOf(settings.volumeWritableHosts.toLowerCase()),
    exportTypes: settings.exportTypes === "" ? undefined : typesOf(settings.exportTypes),
    exportHosts: settings.exportHosts === "" ? undefined : wordsOf(settings.exportHosts.toLowerCase()),
    writeProbe: settings.volumeWriteProbe,
    role:
      settings.volumeRoleAccessKeyId === ""
        ? undefined
        : {
            accessKeyId: settings.volumeRoleAccessKeyId,
            secretAccessKey: settings.volumeRoleSecretAccessKey,
            stsEndpoint: settings.volumeStsEndpoint === "" ? undefined : settings.volumeStsEndpoint,
          },
    roots: await rootsOf(settings.volumeRoots, resolve(settings.dataDirectory)),
  };
}

const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");

const typesOf = (text: string): Set<VolumeType> =>
  new Set(wordsOf(text).flatMap((word) => (word === "none" ? [] : [word.toUpperCase() as VolumeType])));

function endpointsOf(text: string): EndpointList {
  try {
    return new EndpointList(wordsOf(text));
  } catch (error) {
    throw new Error(`CAUSEWAY_VOLUME_ENDPOINTS: ${(error as Error).message}`);
  }
}

async function rootsOf(text: string, dataDirectory: string): Promise<Map<string, DeclaredRoot>> {
  if (text === "") return new Map();
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new Error(`CAUSEWAY_VOLUME_ROOTS is no JSON: ${(error as Error).message}`);
  }
  if (!Value.Check(Roots, given)) {
    const [first] = Value.Errors(Roots, given);
    throw new Error(`CAUSEWAY_VOLUME_ROOTS${first?.instancePath ?? ""} ${first?.message ?? "does not fit"}`);
  }
  const data = await realPathOf(dataDirectory);
  const roots = Object.entries(given).map(async ([name, root]): Promise<[string, DeclaredRoot]> => {
    const path = await realPathOf(resolve(root.path));
    // The platform's own files, its secrets among them, are nobody's volume.
    if (isBelow(path, data) || isBelow(data, path))
      throw new Error(`CAUSEWAY_VOLUME_ROOTS: ${name} overlaps with the data directory, ${data}.`);
    return [name, declared(path, root)];
  });
  return new Map(await Promise.all(roots));
}

function declared(
  path: string,
  { mode, users, teams, divisions, uid, gid, umask, max_names: maxNames }: RootSetting,
): DeclaredRoot {
  const isForAll = users === undefined && teams === undefined && divisions === undefined;
  return {
    path,
    mode,
    readOnly: mode === "RO",
    allowed: isForAll ? undefined : { users: users ?? [], teams: teams ?? [], divisions: divisions ?? [] },
    ...(uid === undefined || gid === undefined ? {} : { owner: { uid, gid } }),
    ...(umask === undefined ? {} : { umask: Number.parseInt(umask, 8) }),
    ...(maxNames === undefined ? {} : { maxNames }),
  };
}

const isBelow = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);

/** The path without links; as it is where nothing is there, or where a share does not answer. */
const realPathOf = (path: string): Promise<string> =>
  Promise.race([realpath(path).catch(() => path), pause(2000, path, { ref: false })]);
