import { Type } from "typebox";
import { Answer, FileId, Filled, Href, OneOf, ProjectPath, Texts, Timestamp, Uuid } from "../forms.ts";

const HOURS = { minimum: 1, maximum: 120 };

/** What every answer shows of a project's settings (users-billing-projects.md §C.1). */
export const ProjectSettings = Answer({
  locked: Type.Boolean({ description: "Keeps the platform's staff out, and hides names in billing breakdowns." }),
  controlled: Type.Boolean({ description: "The project holds controlled data." }),
  location: Type.String({ description: "Where data and tasks live: `provider:region`." }),
  use_interruptible_instances: Type.Boolean({ description: "Tasks use interruptible instances unless they say otherwise." }),
  use_memoization: Type.Boolean({ description: "Tasks re-use earlier results unless they say otherwise." }),
  use_elastic_disk: Type.Boolean({ description: "Disks of tasks grow when they fill up." }),
  allow_network_access: Type.Boolean({ description: "Jobs may use the network where their app asks for it." }),
  intermediate_files: Answer({
    retention: Type.Literal("LIMITED", { description: "Always `LIMITED`." }),
    duration: Type.Integer({ description: "How long intermediate files are kept: hours.", ...HOURS }),
  }),
});

const setting = (description: string) => Type.Optional(Type.Boolean({ description, "x-null-absent": true }));

/** Settings in a request: those given are set, the others keep their value or get their default. */
export const ProjectSettingsGiven = Type.Object({
  locked: Type.Optional(
    Type.Boolean({ description: "Keeps the platform's staff out.", "x-yes-no": true, "x-null-absent": true }),
  ),
  controlled: setting("The project holds controlled data; this cannot be taken back."),
  location: Type.Optional(Type.String({ description: "Where data and tasks live; fixed at creation.", "x-null-absent": true })),
  use_interruptible_instances: setting("Tasks use interruptible instances unless they say otherwise."),
  use_memoization: setting("Tasks re-use earlier results unless they say otherwise."),
  use_elastic_disk: setting("Disks of tasks grow when they fill up."),
  allow_network_access: setting("Jobs may use the network where their app asks for it."),
  intermediate_files: Type.Optional(
    Type.Object(
      {
        retention: Type.Optional(OneOf(["LIMITED"], "Always `LIMITED`.", { "x-null-absent": true })),
        duration: Type.Optional(
          Type.Integer({ description: "How long intermediate files are kept: hours.", "x-null-absent": true, ...HOURS }),
        ),
      },
      { "x-null-absent": true },
    ),
  ),
});

export const PERMISSIONS = ["write", "read", "copy", "execute", "admin"] as const;

/** Always all five (users-billing-projects.md §C.2). */
export const Permissions = Answer({
  write: Type.Boolean({ description: "Add, change and remove files and apps; change the description." }),
  read: Type.Boolean({ description: "See the project and what is in it; always true for a member." }),
  copy: Type.Boolean({ description: "View, download and copy the contents of files." }),
  execute: Type.Boolean({ description: "Run and abort tasks." }),
  admin: Type.Boolean({ description: "All of these, and manage members and the project itself." }),
});

const { write, read, copy, execute, admin } = Permissions.properties;

/** Permissions in a request; those left out are the call's to decide. */
export const PermissionsGiven = Type.Object({
  write: Type.Optional(write),
  read: Type.Optional(read),
  copy: Type.Optional(copy),
  execute: Type.Optional(execute),
  admin: Type.Optional(admin),
});

export const CATEGORIES = ["PRIVATE", "PUBLIC"] as const;

/** A project (users-billing-projects.md §C). `billing_group` is left out where there is none, never null. */
export const Project = Answer({
  href: Href("The project."),
  id: ProjectPath("`owner/short-name`; it never changes."),
  name: Type.String({ description: "The name people see; need not be unique." }),
  type: Type.Literal("v2", { description: "Always `v2`: a project of CWL apps." }),
  description: Type.String({ description: "Markdown." }),
  tags: Texts("Free tags."),
  settings: ProjectSettings,
  permissions: Permissions,
  root_folder: FileId("The root folder's id."),
  billing_group: Type.Optional(Uuid("Who pays.")),
  created_by: Type.String({ description: "The creator's username." }),
  category: OneOf(CATEGORIES, "`PUBLIC` projects can be read by every user."),
  created_on: Timestamp("When it was created."),
  modified_on: Timestamp("When the project itself was last changed."),
});

export const PROJECT_LIST_FIELDS = ["href", "id", "name", "created_by", "category", "created_on", "modified_on"] as const;

const tags = Type.Optional(
  Type.Array(Type.String({ pattern: "^[^,]*$", "x-form": "a text without commas" }), {
    description: "Free tags, without commas: filters are separated by these.",
  }),
);
const billingGroup = (description: string) => Type.Optional(Uuid(description));

/** The body of `POST /projects` (§D.3). */
export const CreateProject = Type.Object({
  name: Filled("The name people see; the id's short name is made from it."),
  billing_group: billingGroup("Who pays; without it, the caller's first billing group."),
  description: Type.Optional(Type.String({ description: "Markdown." })),
  tags,
  type: Type.Optional(Type.Literal("v2", { description: "Always `v2`." })),
  settings: Type.Optional(ProjectSettingsGiven),
});

/** The body of `PATCH /projects/{owner}/{project}` (§D.5): what is given changes, the rest stays. */
export const UpdateProject = Type.Object({
  name: Type.Optional(Filled("The name people see; the id stays.")),
  description: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: "Markdown; null clears it." })),
  billing_group: billingGroup("Who pays."),
  settings: Type.Optional(ProjectSettingsGiven),
  tags,
  category: Type.Optional(OneOf(CATEGORIES, "Whether every user can read the project.")),
  type: Type.Optional(Type.Literal("v2", { description: "Cannot be changed." })),
});

export const MEMBER_TYPES = ["USER", "TEAM", "DIVISION"] as const;

/** A member of a project (§E.1). */
export const Member = Answer({
  href: Href("The member; `/permissions` can be appended."),
  id: Type.String({ description: "Username, id of the team, or division." }),
  username: Type.String({ description: "The same as `id`." }),
  email: Type.String({ description: 'Of a user; `""` for teams and divisions.' }),
  type: OneOf(MEMBER_TYPES, "What the member is."),
  permissions: Permissions,
});

const memberName = (description: string) => Type.Optional(Type.String({ description, "x-blank-absent": true }));

/** The body of `POST …/members` (§E.3): `username` or `email`; with both, the username counts. */
export const AddMember = Type.Object({
  username: Type.Optional(
    Type.String({ description: "Username, id of a team, or division.", "x-blank-absent": true, "x-alias": "id" }),
  ),
  email: memberName("Address of a registered user."),
  type: Type.Optional(OneOf(MEMBER_TYPES, "What the member is; `USER` unless said.")),
  permissions: Type.Object(PermissionsGiven.properties, {
    description: "Those left out are false, `read` is true.",
    minProperties: 1,
  }),
});

export const ChangePermissions = Type.Object(PermissionsGiven.properties, {
  description: "Those given change; `read` stays true.",
  minProperties: 1,
});

/** All five must be given (§E.7). */
export const ReplacePermissions = Type.Object({ write, read, copy, execute, admin });
