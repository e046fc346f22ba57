import { Type } from "typebox";
import { Answer, Filled, Href, MapOf, OneOf, Timestamp } from "../forms.ts";
import { VolumeServiceChange, VolumeServiceGiven, VolumeServiceShown } from "./service.ts";

export const ACCESS_MODES = ["RO", "RW"] as const;

const VolumeId = Type.String({ description: "`owner/name`.", examples: ["mlindqvist/neuro_raw"] });

/** A user's own bucket, container or directory (volumes.md §1.1). */
export const Volume = Answer({
  href: Href("The volume."),
  id: VolumeId,
  name: Type.String({ description: "Unique among the owner's volumes." }),
  description: Type.Optional(Type.String({ description: "Left out when there is none." })),
  access_mode: OneOf(ACCESS_MODES, "`RW`: files can be exported to it."),
  service: VolumeServiceShown,
  created_on: Timestamp("When it was created."),
  modified_on: Timestamp("When it was last changed."),
  active: Type.Boolean({ description: "False: nothing on it can be reached." }),
});

export const VOLUME_LIST_FIELDS = ["href", "id", "name"] as const;

/** The body of `POST /storage/volumes` (§2.1). */
export const CreateVolume = Type.Object({
  name: Type.String({
    description: "1 to 32 English letters, digits and single underscores between them.",
    pattern: "^[A-Za-z0-9_]{1,32}$",
    "x-form": "1 to 32 English letters, digits and underscores",
  }),
  access_mode: Type.Optional(OneOf(ACCESS_MODES, "`RW` unless said.")),
  service: VolumeServiceGiven,
  description: Type.Optional(Type.String({ description: "Free text." })),
});

/** The body of `PATCH /storage/volumes/{owner}/{volume}` (§2.4): what is given changes. */
export const UpdateVolume = Type.Object({
  name: Type.Optional(Type.String({ description: "It cannot change.", "x-null-absent": true })),
  description: Type.Optional(Type.String({ description: "Free text.", "x-null-absent": true })),
  access_mode: Type.Optional(OneOf(ACCESS_MODES, "Whether files can be exported to it.", { "x-null-absent": true })),
  service: Type.Optional(VolumeServiceChange),
  active: Type.Optional(Type.Boolean({ description: "False deactivates, true activates again.", "x-null-absent": true })),
});

/** An object on a volume (§1.5); a list shows `metadata` only when `fields` asks for it. */
export const VolumeObject = Answer({
  href: Href("The object."),
  location: Type.String({ description: "Its key, without the volume's prefix." }),
  volume: VolumeId,
  type: Type.String({ description: "`s3`, `gcs`, `azure`, `OSS` or `local`." }),
  metadata: MapOf(Type.Unknown(), { description: "What the service reports of it." }),
});

export const VOLUME_OBJECT_LIST_FIELDS = ["href", "location", "volume", "type"] as const;

/** A folder on a volume: what keys have before a slash. */
export const VolumePrefix = Answer({
  href: Href("The list of what is in it."),
  prefix: Type.String({ description: "Without a slash at the end." }),
  volume: VolumeId,
});

const { href, location, volume, type, metadata } = VolumeObject.properties;

/** One page of what lies directly in a folder of a volume (§1.5). */
export const VolumeListing = Answer({
  href: Href("This page."),
  prefix: Type.String({ description: 'The folder; `""`: the whole volume.' }),
  limit: Type.Integer({ description: "Objects and folders at most." }),
  truncated: Type.Boolean({ description: "Whether more follows." }),
  items: Type.Array(
    Answer({
      href: Type.Optional(href),
      location: Type.Optional(location),
      volume: Type.Optional(volume),
      type: Type.Optional(type),
      metadata: Type.Optional(metadata),
    }),
    { description: "Objects; `fields` narrows them." },
  ),
  prefixes: Type.Array(VolumePrefix, { description: "Folders." }),
  links: Type.Array(Answer({ next: Href("The next page.") }), { description: "None on the last page." }),
});

const MEANINGS = {
  read: "See the volume and list what is on it.",
  copy: "Import from it.",
  write: "Export to it.",
  admin: "All of these, and change the volume and manage its members.",
};

/** The four permissions on a volume (§1.6); there is no `execute`. */
export const VolumePermissions = Answer({
  read: Type.Boolean({ description: MEANINGS.read }),
  copy: Type.Boolean({ description: MEANINGS.copy }),
  write: Type.Boolean({ description: MEANINGS.write }),
  admin: Type.Boolean({ description: MEANINGS.admin }),
});

const flag = (description: string) => Type.Optional(Type.Boolean({ description, "x-null-absent": true }));
const flags = {
  read: flag(MEANINGS.read),
  copy: flag(MEANINGS.copy),
  write: flag(MEANINGS.write),
  admin: flag(MEANINGS.admin),
};

/** Those given change; `PUT` takes those left out as false. */
export const VolumePermissionsGiven = Type.Object(flags);

const VOLUME_MEMBER_TYPES = ["USER", "TEAM", "DIVISION"] as const;

/** A member of a volume (§1.6). */
export const VolumeMember = Answer({
  href: Href("The member; `/permissions` can be appended."),
  id: Type.String({ description: "Username, id of the team, or division." }),
  username: Type.String({ description: "The same as `id`." }),
  email: Type.String({ description: 'Of a user; `""` for teams and divisions.' }),
  type: OneOf(VOLUME_MEMBER_TYPES, "What the member is."),
  permissions: VolumePermissions,
});

/** The body of `POST …/members` (§2.8). */
export const AddVolumeMember = Type.Object({
  username: Filled("Username, id of a team, or division.", { "x-alias": "id" }),
  type: Type.Optional(OneOf(VOLUME_MEMBER_TYPES, "What the member is; `USER` unless said.", { "x-null-absent": true })),
  permissions: Type.Object(flags, { description: "Those left out are false." }),
});
