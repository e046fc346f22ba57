import { ApiError } from "../../http/errors.ts";
import { consistsOf, type Draft, required } from "./draft.ts";
import { checkExportProperties } from "./properties.ts";
import type { Service } from "./service-shape.ts";

const AWS = "s3.amazonaws.com";

/** Whether an endpoint is Amazon's own: it has encryption and access lists, which others may not have. */
export const isAws = (endpoint: string): boolean =>
  /^(https:\/\/)?([a-z0-9.-]+\.)?amazonaws\.com(\.cn)?(:443)?\/?$/i.test(endpoint);

/** @throws ApiError `volumeServiceInvalid`; `volumeS3CredentialsInvalid`; of a property */
export function checkS3(draft: Draft, canAssumeRoles: boolean): Service {
  const { credentials, properties } = draft;
  const bucket = required(draft.bucket, "bucket");
  const inProperties = typeof properties.endpoint === "string" ? properties.endpoint : undefined;
  const endpoint = draft.endpoint ?? inProperties ?? draft.root_url ?? AWS;
  const hasRole = consistsOf(credentials, ["role_arn", "external_id"]);
  if (hasRole && !canAssumeRoles)
    throw new ApiError("volumeS3CredentialsInvalid", "This platform has no identity of its own that could assume a role.");
  if (!hasRole && !consistsOf(credentials, ["access_key_id", "secret_access_key"])) {
    throw new ApiError(
      "volumeS3CredentialsInvalid",
      "Give either `access_key_id` and `secret_access_key`, or `role_arn` and `external_id`.",
    );
  }
  checkExportProperties(properties);
  const encryption = isAws(endpoint) && properties.sse_algorithm === undefined ? { sse_algorithm: "AES256" } : {};
  return { type: "S3", bucket, prefix: draft.prefix ?? "", endpoint, credentials, properties: { ...encryption, ...properties } };
}

/** @throws ApiError `volumeServiceInvalid` */
export function checkOss(draft: Draft): Service {
  const { credentials, properties } = draft;
  const bucket = required(draft.bucket, "bucket");
  const endpoint = required(draft.endpoint, "endpoint");
  if (!consistsOf(credentials, ["access_key_id", "secret_access_key"]))
    throw new ApiError("volumeServiceInvalid", "`service.credentials` needs `access_key_id` and `secret_access_key`.");
  return { type: "OSS", bucket, prefix: draft.prefix ?? "", endpoint, credentials, properties };
}
