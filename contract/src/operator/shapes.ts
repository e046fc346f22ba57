import { type Static, Type } from "typebox";
import { Answer, Nullable, Strict, Timestamp } from "../forms.ts";
import { Role, User } from "../users/shapes.ts";

const Blankless = (description: string) => Type.String({ pattern: "\\S", description });
const Filter = (description: string) => Type.String({ minLength: 1, description });

/** A user as operators see one: nothing of the profile but the name, everything of the access. */
export const Account = Answer({
  username: User.properties.username,
  email: User.properties.email,
  first_name: Type.String(),
  last_name: Type.String(),
  is_admin: Type.Boolean({ description: "Whether the user may call the operator's API." }),
  disabled: Type.Boolean({ description: "Whether the user's token is refused." }),
  division: Type.Optional(Type.String({ description: "Of a division's user: its id." })),
  role: Type.Optional(Role),
  tags: User.properties.tags,
  created_on: Timestamp("When the user was made."),
});
export type Account = Static<typeof Account>;

export const NewAccount = Type.Object(
  {
    username: Type.String({ minLength: 1 }),
    email: Type.Optional(Type.String({ minLength: 3 })),
    is_admin: Type.Optional(Type.Boolean()),
    first_name: Type.Optional(Type.String()),
    last_name: Type.Optional(Type.String()),
    division: Type.Optional(Type.String({ minLength: 1 })),
    role: Type.Optional(Role),
  },
  Strict,
);

export const AccountChange = Type.Object(
  {
    is_admin: Type.Optional(Type.Boolean()),
    disabled: Type.Optional(Type.Boolean()),
    role: Type.Optional(Role),
    tags: Type.Optional(
      Type.Array(
        Type.Object({ tag: Blankless("An entitlement."), expires_at: Type.Integer({ description: "Unix milliseconds." }) }),
        {
          description: "All entitlements that the user shall have.",
        },
      ),
    ),
  },
  Strict,
);

export const OperatedDivision = Answer({ id: Type.String(), name: Type.String(), created_on: Timestamp("When it was made.") });

export const NewDivision = Type.Object({ id: Type.String({ minLength: 1 }), name: Blankless("For people.") }, Strict);

/** Of a `numeric(14, 2)`. */
const Credit = Type.Number({ minimum: 0, maximum: 1e11, description: "USD." });
const Price = (per: string) => Type.Number({ minimum: 0, maximum: 1e6, description: `USD per ${per}.` });

/** A billing group as operators see one. */
export const OperatedGroup = Answer({
  id: Type.String(),
  name: Type.String(),
  owner: Type.String(),
  type: Type.String(),
  pending: Type.Boolean(),
  disabled: Type.Boolean(),
  credit: Type.Number({ description: "USD." }),
  balance: Type.Number({ description: "What is left of it, in USD." }),
  members: Type.Array(Type.String()),
  created_on: Timestamp("When it was made."),
});
export type OperatedGroup = Static<typeof OperatedGroup>;

export const NewGroup = Type.Object(
  {
    name: Blankless("Of the owner's groups each has another."),
    owner: Type.String({ minLength: 1 }),
    type: Type.Optional(Type.Enum(["free", "regular"])),
    credit: Type.Optional(Credit),
  },
  Strict,
);

export const GroupChange = Type.Object(
  {
    name: Type.Optional(Blankless("Of the owner's groups each has another.")),
    pending: Type.Optional(Type.Boolean()),
    disabled: Type.Optional(Type.Boolean()),
    credit: Type.Optional(Credit),
  },
  Strict,
);

export const InstancePrice = Type.Object(
  {
    name: Type.String({ pattern: "^[A-Za-z0-9._-]{1,100}$" }),
    cpus: Type.Integer({ minimum: 1, maximum: 100_000 }),
    memory_mib: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
    hourly: Price("hour"),
  },
  Strict,
);

const priced = {
  storage_gb_month: Price("GB and month"),
  egress_gb: Price("GB"),
  disk_gb_hour: Price("GB and hour"),
  interruptible_factor: Type.Number({
    minimum: 0,
    maximum: 1,
    description: "What part of its price an interruptible instance costs.",
  }),
};

/** What things cost. */
export const Prices = Answer({ currency: Type.Literal("USD"), ...priced, instances: Type.Array(InstancePrice) });
export type Prices = Static<typeof Prices>;

/** Sets what is given; instances by their names. */
export const PriceChange = Type.Partial(Type.Object({ ...priced, instances: Type.Array(InstancePrice) }), Strict);
export type PriceChange = Static<typeof PriceChange>;

/** What can have a weight. */
export const WEIGHTED = ["billing-group", "project", "user"] as const;

const weighted = {
  of: Type.Enum([...WEIGHTED]),
  name: Type.String({
    minLength: 1,
    pattern: "^[^\\u0000]+$",
    description: "A billing group's id, a project's `owner/project`, a username.",
  }),
};

/** How large a share of the machines is: 1 unless set. */
export const ShareWeight = Type.Object({ ...weighted, weight: Type.Number({ minimum: 0.01, maximum: 100 }) }, Strict);
export type ShareWeight = Static<typeof ShareWeight>;

export const Weighted = Type.Object(weighted);

/** What a user said. */
export const GivenFeedback = Answer({
  username: Type.String(),
  type: Type.String(),
  text: Type.String(),
  referrer: Nullable(Type.String()),
  sent_on: Timestamp("When it was said."),
});

const deleted = {
  id: Type.String(),
  deleted_on: Timestamp("When it was deleted."),
  restorable_until: Timestamp("Until when it can be restored."),
};

export const DeletedProject = Answer({
  ...deleted,
  project: Type.String({ description: "The `owner/project` that it had." }),
  name: Type.String(),
});

export const DeletedFile = Answer({
  ...deleted,
  path: Type.String({ description: "Below its project." }),
  type: Type.Enum(["file", "folder"]),
  size: Type.Optional(Type.Integer({ description: "Of a file: bytes." })),
});
export type DeletedFile = Static<typeof DeletedFile>;

export const DeletedFilesQuery = Type.Object({
  project: Type.String({ description: "`owner/project`" }),
  name: Type.Optional(Type.String({ description: "Only those of this name." })),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  offset: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 }),
});

export const ProjectRestoring = Type.Object(
  { short_name: Type.Optional(Filter("When another project has taken the short name since.")) },
  Strict,
);

export const FileRestoring = Type.Object(
  {
    name: Type.Optional(Filter("When another file has taken the name since.")),
    parent: Type.Optional(Filter("The id of a folder; default: the one that it was in.")),
    since: Type.Optional(
      Type.String({
        format: "date-time",
        description: "ISO 8601 with an offset. Of a folder: all below it that was deleted from then on.",
      }),
    ),
  },
  Strict,
);

export const RestoredFile = Answer({
  id: Type.String(),
  path: Type.String(),
  files: Type.Integer({ description: "How many files are there again." }),
  folders: Type.Integer(),
});

const Count = Type.Integer({ minimum: 0 });
const Moment = Type.String({ format: "date-time" });
const counted = { started: Moment, blobs: Count, bytes: Count, damaged: Count };

/** What is known of the stored bytes. */
export const StoredBytes = Answer({
  last: Nullable(Answer({ ...counted, finished: Moment }), "The last reading of everything that has ended."),
  current: Nullable(Answer(counted), "The reading under way."),
  damaged: Type.Integer({ minimum: 0, description: "How many blobs are damaged now." }),
  blobs: Type.Array(
    Answer({
      key: Type.String(),
      size: Count,
      damage: Type.String(),
      found_by: Type.String(),
      found_on: Moment,
      files: Type.Array(Answer({ id: Type.String(), name: Type.String(), project: Type.String() })),
    }),
    { description: "The first hundred of them, with files that stand on each." },
  ),
});
export type StoredBytes = Static<typeof StoredBytes>;

export const RotatedSecrets = Answer({
  resealed: Type.Integer({ minimum: 0, description: "Secrets that are encrypted with the newest key now and were not before." }),
  retired: Type.Integer({ minimum: 0, description: "Keys that nothing is encrypted with any more." }),
  keys: Type.Enum(["file", "environment"], {
    description: "Where the keys are: those in the file are forgotten, those in the environment are the operator's to take away.",
  }),
});
export type RotatedSecrets = Static<typeof RotatedSecrets>;

export const CheckedVolume = Answer({
  id: Type.String({ description: "`owner/name`." }),
  works: Type.Boolean(),
  found: Type.String({ description: "What is wrong, in a sentence; `works` when nothing is." }),
});
export type CheckedVolume = Static<typeof CheckedVolume>;

export const Maintenance = Answer({
  closed: Type.Array(Type.String(), { description: "`platform`, names of services, or nothing." }),
  services: Type.Array(Type.String(), { description: "What can be closed." }),
});
export type Maintenance = Static<typeof Maintenance>;
