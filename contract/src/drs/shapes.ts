import { type Static, Type } from "typebox";
import { Answer, Href, Timestamp } from "../forms.ts";

/** The body of every 4xx and 5xx answer of a GA4GH API (DRS 1.5, `Error`). */
export const Ga4ghError = Answer({
  msg: Type.String({ description: "What is wrong." }),
  status_code: Type.Integer({ description: "The HTTP status." }),
});

/** How a request for an object may say who makes it (DRS 1.5, `Authorizations`). */
export const DrsAuthorizations = Answer({
  drs_object_id: Type.Optional(Type.String({ description: "The object." })),
  supported_types: Type.Array(Type.Enum(["BearerAuth"]), { description: "A token of the platform." }),
});

export const DrsAccessMethod = Answer({
  type: Type.Literal("https"),
  access_id: Type.String({ description: "What to ask an address for the bytes with." }),
  cloud: Type.Optional(Type.String({ description: "`causeway`, for bytes that the platform keeps." })),
  region: Type.Optional(Type.String({ description: "Of the platform's store." })),
  available: Type.Boolean({ description: "Whether the bytes can be had now: not while the file's volume is not active." }),
  authorizations: DrsAuthorizations,
});

export const DrsChecksum = Answer({
  checksum: Type.String({ description: "Hexadecimal digits, or what the store calls these bytes." }),
  type: Type.Enum(["sha-256", "etag"], { description: "`etag` where nobody has computed a checksum of the bytes yet." }),
});

/** A thing in a bundle (DRS 1.5, `ContentsObject`). */
export interface DrsContents {
  name: string;
  id: string;
  drs_uri: string[];
  /** Of a folder, when all of it was asked for. */
  contents?: DrsContents[];
}
const DrsContentsShape = Type.Unsafe<DrsContents>(
  Type.Object(
    {
      name: Type.String({ description: "Unique in its folder." }),
      id: Type.String({ description: "The file's or folder's id." }),
      drs_uri: Type.Array(Type.String(), { description: "Its address, `drs://…`." }),
      contents: Type.Optional(Type.Array(Type.Unknown(), { description: "The same of a folder's contents, with `expand`." })),
    },
    { additionalProperties: false },
  ),
);

/** A file as a blob, or a folder as a bundle, which has `contents` and no `access_methods` (DRS 1.5, `DrsObject`). */
export const DrsObject = Answer({
  id: Type.String({ description: "The file's id." }),
  name: Type.String({ description: "The file's name." }),
  self_uri: Type.String({ description: "`drs://host/id`." }),
  size: Type.Integer({ minimum: 0, description: "Bytes; of a folder, of everything in it." }),
  created_time: Timestamp("When the file was made."),
  updated_time: Timestamp("When the file was last changed."),
  mime_type: Type.Optional(Type.String({ description: "Of a file: what its download says." })),
  checksums: Type.Array(DrsChecksum, { minItems: 1, description: "Of a folder: over the sorted checksums of what is in it." }),
  access_methods: Type.Optional(Type.Array(DrsAccessMethod, { minItems: 1, description: "Of a file: how to get its bytes." })),
  contents: Type.Optional(Type.Array(DrsContentsShape, { description: "Of a folder: what is in it, by name." })),
});
export type DrsObject = Static<typeof DrsObject>;
export type DrsChecksum = Static<typeof DrsChecksum>;

export const DrsAccessUrl = Answer({ url: Href("Where anybody can read the bytes for a while.") });

export const DrsService = Answer({
  id: Type.String({ description: "The platform's host, backwards, and `drs`." }),
  name: Type.String({ description: "For people." }),
  description: Type.String({ description: "For people." }),
  type: Answer({
    group: Type.Literal("org.ga4gh"),
    artifact: Type.Literal("drs"),
    version: Type.Literal("1.5.0"),
  }),
  organization: Answer({
    name: Type.String({ description: "The platform's host." }),
    url: Href("The platform."),
  }),
  documentationUrl: Href("The platform's documentation."),
  version: Type.String({ description: "Of the program." }),
  maxBulkRequestLength: Type.Integer({ minimum: 1, description: "Objects that one bulk request may name." }),
  drs: Answer({
    maxBulkRequestLength: Type.Integer({ minimum: 1, description: "The same." }),
  }),
});

const BulkSummary = Answer({
  requested: Type.Integer({ description: "How many were asked for." }),
  resolved: Type.Integer({ description: "How many are answered." }),
  unresolved: Type.Integer({ description: "How many are not." }),
});
const Unresolved = Type.Array(
  Answer({
    error_code: Type.Integer({ description: "The HTTP status that a request for one of them would have." }),
    object_ids: Type.Array(Type.String(), { description: "The objects." }),
  }),
  { description: "What is not answered, by why." },
);

export const DrsObjects = Answer({
  summary: BulkSummary,
  unresolved_drs_objects: Unresolved,
  resolved_drs_object: Type.Array(DrsObject, { description: "The objects, in the order asked for." }),
});
export type DrsObjects = Static<typeof DrsObjects>;

export const DrsAccessUrls = Answer({
  summary: BulkSummary,
  unresolved_drs_objects: Unresolved,
  resolved_drs_object_access_urls: Type.Array(
    Answer({
      drs_object_id: Type.String({ description: "The object." }),
      drs_access_id: Type.String({ description: "What was asked with." }),
      url: Href("Where anybody can read the bytes for a while."),
    }),
    { description: "The addresses, in the order asked for." },
  ),
});
export type DrsAccessUrls = Static<typeof DrsAccessUrls>;

export const DrsObjectsAuthorizations = Answer({
  summary: BulkSummary,
  unresolved_drs_objects: Unresolved,
  resolved_drs_object: Type.Array(DrsAuthorizations, { description: "One an object." }),
});

// What requests say; keys that are not named here are ignored.

/** No passport is looked at: a token says who asks. */
const passports = Type.Optional(Type.Array(Type.String(), { description: "Not looked at: the token says who asks." }));

export const DrsObjectAsked = Type.Object({
  expand: Type.Optional(Type.Boolean({ description: "Of a folder: with what its folders hold, and so on." })),
  passports,
});
export const DrsAccessAsked = Type.Object({ passports });
export const DrsObjectsAsked = Type.Object({
  bulk_object_ids: Type.Array(Type.String(), { description: "Ids of objects." }),
  passports,
});
export const DrsAccessesAsked = Type.Object({
  bulk_object_access_ids: Type.Array(
    Type.Object({
      bulk_object_id: Type.String({ description: "An object's id." }),
      bulk_access_ids: Type.Array(Type.String(), { description: "Of its `access_methods`." }),
    }),
    { description: "Objects, and how their bytes are wanted." },
  ),
  passports,
});
export type DrsAccessesAsked = Static<typeof DrsAccessesAsked>;
