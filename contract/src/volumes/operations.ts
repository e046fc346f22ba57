import { Type } from "typebox";
import { Filled } from "../forms.ts";
import { operation } from "../operation.ts";
import {
  AddVolumeMember,
  CreateVolume,
  UpdateVolume,
  VOLUME_LIST_FIELDS,
  Volume,
  VolumeListing,
  VolumeMember,
  VolumeObject,
  VolumePermissions,
  VolumePermissionsGiven,
} from "./shapes.ts";

const VolumePath = Type.Object({
  owner: Filled("Username or division."),
  volume: Filled("The volume's name."),
});
const MemberPath = Type.Object({ ...VolumePath.properties, username: Filled("Username, id of a team, or division.") });

/** What is no name of ours cannot be there. */
const pathRefusals = { "params/owner": "volumeNotFound", "params/volume": "volumeNotFound" } as const;
const memberRefusals = { ...pathRefusals, "params/username": "notFound" } as const;
const permissionRefusals = { ...memberRefusals, body: "volumeRequestInvalid" } as const;
const volumeErrors = ["volumeNotFound", "volumeForbidden"] as const;

/** What the check of a service can find wrong with it, and what its probe can (§2.1). */
const serviceErrors = [
  "volumeAccessModeInvalid",
  "volumeServiceInvalid",
  "volumeServiceInvalidAgain",
  "volumeCannedAclInvalid",
  "volumeEncryptionInvalid",
  "volumeStorageClassInvalid",
  "volumePrivateKeyInvalid",
  "volumeGoogleCredentialsInvalid",
  "volumeAzureCredentialsInvalid",
  "volumeS3CredentialsInvalid",
  "volumeS3ReadOnly",
  "volumeGcsReadOnly",
  "volumeAzureReadOnly",
  "volumeOssReadOnly",
  "volumeFederationForbidden",
  "volumeRegionReadOnly",
  "volumeServiceUnreachable",
  "volumeReadForbidden",
  "volumeCrossWriteForbidden",
  "volumeBucketNotFound",
  "volumeAccessKeyUnknown",
  "volumeSecretWrong",
  "volumeRoleInvalid",
  "volumeListForbidden",
  "volumeObjectReadForbidden",
  "volumeObjectWriteForbidden",
  "volumeAclReadForbidden",
] as const;

const serviceRefusals = {
  body: "volumeRequestInvalid",
  "body/access_mode": "volumeAccessModeInvalid",
  "body/service": "volumeServiceInvalid",
  "body/service/properties": "volumeServiceInvalidAgain",
} as const;

export const listVolumes = operation({
  id: "listVolumes",
  method: "GET",
  path: "/storage/volumes",
  tag: "volumes",
  summary: "List the volumes that the caller may read",
  status: 200,
  reply: Volume,
  list: { fields: VOLUME_LIST_FIELDS },
  errors: [],
});

export const createVolume = operation({
  id: "createVolume",
  method: "POST",
  path: "/storage/volumes",
  tag: "volumes",
  summary: "Connect a bucket, a container or a directory",
  body: CreateVolume,
  status: 200,
  reply: Volume,
  refusals: {
    ...serviceRefusals,
    "body/name#missing": "volumeNameEmpty",
    "body/name#empty": "volumeNameEmpty",
    "body/name": "volumeNameInvalid",
    "body/service#missing": "volumeServiceMissing",
  },
  errors: [
    "volumeRequestInvalid",
    "volumeNameEmpty",
    "volumeNameInvalid",
    "volumeNameUnderscores",
    "volumeServiceMissing",
    "volumeExists",
    ...serviceErrors,
  ],
});

export const getVolume = operation({
  id: "getVolume",
  method: "GET",
  path: "/storage/volumes/{owner}/{volume}",
  tag: "volumes",
  summary: "Get a volume",
  params: VolumePath,
  status: 200,
  reply: Volume,
  refusals: pathRefusals,
  errors: volumeErrors,
});

export const updateVolume = operation({
  id: "updateVolume",
  method: "PATCH",
  path: "/storage/volumes/{owner}/{volume}",
  tag: "volumes",
  summary: "Change, deactivate or activate a volume",
  params: VolumePath,
  query: Type.Object({
    force: Type.Optional(Type.Boolean({ description: "Deactivate although jobs run on it: they are stopped." })),
  }),
  body: UpdateVolume,
  status: 200,
  reply: Volume,
  refusals: { ...pathRefusals, ...serviceRefusals, "query/force": "volumeRequestInvalid" },
  errors: [...volumeErrors, "volumeRequestInvalid", "conflict", ...serviceErrors],
});

export const deleteVolume = operation({
  id: "deleteVolume",
  method: "DELETE",
  path: "/storage/volumes/{owner}/{volume}",
  tag: "volumes",
  summary: "Forget a volume that is not active and that no file lies on",
  params: VolumePath,
  status: 204,
  refusals: pathRefusals,
  errors: [...volumeErrors, "conflict"],
});

const objectErrors = [
  ...volumeErrors,
  "volumeRequestInvalid",
  "volumeInactive",
  "volumeServiceUnreachable",
  "volumeReadForbidden",
  "volumeBucketNotFound",
] as const;

export const listVolumeObjects = operation({
  id: "listVolumeObjects",
  method: "GET",
  path: "/storage/volumes/{owner}/{volume}/list",
  tag: "volumes",
  summary: "List what lies directly in a folder of a volume",
  params: VolumePath,
  query: Type.Object({
    prefix: Type.Optional(Type.String({ description: "The folder; without one, the whole volume." })),
    limit: Type.Optional(
      Type.Integer({ description: "Objects and folders on a page: 50 unless said, 100 at most.", minimum: 1 }),
    ),
    continuation_token: Type.Optional(
      Type.String({ description: "Of the link to the next page; it stands for the prefix, too." }),
    ),
  }),
  status: 200,
  reply: VolumeListing,
  narrows: "nothing",
  refusals: { ...pathRefusals, query: "volumeRequestInvalid" },
  errors: [...objectErrors, "scrollTokenUndecodable", "scrollTokenInvalid"],
});

export const getVolumeObject = operation({
  id: "getVolumeObject",
  method: "GET",
  path: "/storage/volumes/{owner}/{volume}/object",
  tag: "volumes",
  summary: "Get an object of a volume",
  params: VolumePath,
  query: Type.Object({ location: Type.String({ description: "Its key, without the volume's prefix." }) }),
  status: 200,
  reply: VolumeObject,
  refusals: { ...pathRefusals, query: "volumeRequestInvalid" },
  errors: [...objectErrors, "volumeLocationSlash", "volumeObjectNotFound"],
});

export const listVolumeMembers = operation({
  id: "listVolumeMembers",
  method: "GET",
  path: "/storage/volumes/{owner}/{volume}/members",
  tag: "volumes",
  summary: "List a volume's members",
  params: VolumePath,
  status: 200,
  reply: VolumeMember,
  list: { fields: "all" },
  refusals: pathRefusals,
  errors: volumeErrors,
});

export const addVolumeMember = operation({
  id: "addVolumeMember",
  method: "POST",
  path: "/storage/volumes/{owner}/{volume}/members",
  tag: "volumes",
  summary: "Add a member to a volume",
  params: VolumePath,
  body: AddVolumeMember,
  status: 200,
  reply: VolumeMember,
  refusals: { ...pathRefusals, body: "volumeRequestInvalid" },
  errors: [...volumeErrors, "volumeRequestInvalid", "volumeProjectNotFound", "conflict"],
});

export const getVolumeMember = operation({
  id: "getVolumeMember",
  method: "GET",
  path: "/storage/volumes/{owner}/{volume}/members/{username}",
  slashed: ["username"],
  tag: "volumes",
  summary: "Get a member of a volume",
  params: MemberPath,
  status: 200,
  reply: VolumeMember,
  refusals: memberRefusals,
  errors: [...volumeErrors, "notFound"],
});

export const removeVolumeMember = operation({
  id: "removeVolumeMember",
  method: "DELETE",
  path: "/storage/volumes/{owner}/{volume}/members/{username}",
  slashed: ["username"],
  tag: "volumes",
  summary: "Remove a member from a volume",
  params: MemberPath,
  status: 204,
  refusals: memberRefusals,
  errors: [...volumeErrors, "notFound"],
});

export const changeVolumePermissions = operation({
  id: "changeVolumePermissions",
  method: "PATCH",
  path: "/storage/volumes/{owner}/{volume}/members/{username}/permissions",
  slashed: ["username"],
  tag: "volumes",
  summary: "Change some permissions of a member",
  params: MemberPath,
  body: VolumePermissionsGiven,
  status: 200,
  reply: VolumePermissions,
  refusals: permissionRefusals,
  errors: [...volumeErrors, "notFound", "volumeRequestInvalid"],
});

export const replaceVolumePermissions = operation({
  id: "replaceVolumePermissions",
  method: "PUT",
  path: "/storage/volumes/{owner}/{volume}/members/{username}/permissions",
  slashed: ["username"],
  tag: "volumes",
  summary: "Set all permissions of a member",
  params: MemberPath,
  body: VolumePermissionsGiven,
  status: 200,
  reply: VolumePermissions,
  refusals: permissionRefusals,
  errors: [...volumeErrors, "notFound", "volumeRequestInvalid"],
});
