import { Type } from "typebox";
import { type Operation, operation } from "../operation.ts";
import {
  DrsAccessAsked,
  DrsAccessesAsked,
  DrsAccessUrl,
  DrsAccessUrls,
  DrsAuthorizations,
  DrsObject,
  DrsObjectAsked,
  DrsObjects,
  DrsObjectsAsked,
  DrsObjectsAuthorizations,
  DrsService,
} from "./shapes.ts";

const ObjectPath = Type.Object({ object: Type.String({ minLength: 1, description: "A file's or folder's id." }) });
const AccessPath = Type.Object({
  object: Type.String({ minLength: 1, description: "A file's id." }),
  access: Type.String({ minLength: 1, description: "The `access_id` of one of its access methods." }),
});
const Expand = Type.Object({
  expand: Type.Optional(Type.Boolean({ description: "Of a folder: with what its folders hold, and so on." })),
});

const drs = { tag: "drs", errorBody: "ga4gh", status: 200 } as const;
const objectErrors = ["fileNotFound"] as const;
const accessErrors = [
  "fileNotFound",
  "notFound",
  "fileForbidden",
  "fileVolumeInactive",
  // Of a file that lies on a volume, as for `getDownloadInfo`.
  "volumeNotFound",
  "volumeObjectNotFound",
  "volumeReadForbidden",
  "volumeBucketNotFound",
  "volumeServiceUnreachable",
] as const;

/**
 * GA4GH's Data Repository Service at `/ga4gh/drs/v1`, beside the API: DRS 1.5, of which 1.2 and 1.4 are parts (volumes.md
 * §2.16). Registering, changing and deleting objects, which it leaves to servers, are the API's own calls. Errors have
 * GA4GH's shape.
 */
export const DRS_OPERATIONS = {
  getDrsService: operation({
    ...drs,
    id: "getDrsService",
    method: "GET",
    path: "/service-info",
    summary: "Describe the service",
    anonymous: true,
    reply: DrsService,
    errors: [],
  }),
  getDrsObject: operation({
    ...drs,
    id: "getDrsObject",
    method: "GET",
    path: "/objects/{object}",
    summary: "Describe a file, or a folder as a bundle",
    params: ObjectPath,
    query: Expand,
    reply: DrsObject,
    errors: objectErrors,
  }),
  postDrsObject: operation({
    ...drs,
    id: "postDrsObject",
    method: "POST",
    path: "/objects/{object}",
    summary: "The same, asked for in a body",
    params: ObjectPath,
    body: DrsObjectAsked,
    reply: DrsObject,
    errors: objectErrors,
  }),
  getDrsAuthorizations: operation({
    ...drs,
    id: "getDrsAuthorizations",
    method: "OPTIONS",
    path: "/objects/{object}",
    summary: "Say how a request for an object may be authorized: the same for every id",
    anonymous: true,
    params: ObjectPath,
    reply: DrsAuthorizations,
    errors: [],
  }),
  getDrsAccess: operation({
    ...drs,
    id: "getDrsAccess",
    method: "GET",
    path: "/objects/{object}/access/{access}",
    summary: "Get an address for the bytes of a file",
    params: AccessPath,
    // As `getDownloadInfo`.
    counted: false,
    reply: DrsAccessUrl,
    errors: accessErrors,
  }),
  postDrsAccess: operation({
    ...drs,
    id: "postDrsAccess",
    method: "POST",
    path: "/objects/{object}/access/{access}",
    summary: "The same by a request with a body",
    params: AccessPath,
    body: DrsAccessAsked,
    counted: false,
    reply: DrsAccessUrl,
    errors: accessErrors,
  }),
  getDrsObjects: operation({
    ...drs,
    id: "getDrsObjects",
    method: "POST",
    path: "/objects",
    summary: "Describe several files and folders",
    query: Expand,
    body: DrsObjectsAsked,
    reply: DrsObjects,
    errors: ["requestTooLarge"],
  }),
  getDrsObjectsAuthorizations: operation({
    ...drs,
    id: "getDrsObjectsAuthorizations",
    method: "OPTIONS",
    path: "/objects",
    summary: "Say how requests for several objects may be authorized: the same for every id",
    anonymous: true,
    body: DrsObjectsAsked,
    reply: DrsObjectsAuthorizations,
    errors: ["requestTooLarge"],
  }),
  getDrsAccesses: operation({
    ...drs,
    id: "getDrsAccesses",
    method: "POST",
    path: "/objects/access",
    summary: "Get addresses for the bytes of several files",
    body: DrsAccessesAsked,
    reply: DrsAccessUrls,
    errors: ["requestTooLarge"],
  }),
} as const satisfies Readonly<Record<string, Operation>>;

export type DrsOperations = typeof DRS_OPERATIONS;
