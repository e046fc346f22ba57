import { ApiError } from "../../http/errors.ts";
import { consistsOf, type Draft, required } from "./draft.ts";
import type { Service } from "./service-shape.ts";

/** @throws ApiError `volumeServiceInvalid`; `volumeAzureCredentialsInvalid` */
export function checkAzure(draft: Draft): Service {
  const { credentials, properties } = draft;
  const account = required(draft.storage_account, "storage_account");
  const container = required(draft.container ?? draft.bucket, "container");
  if (!consistsOf(credentials, ["tenant_id", "client_id", "client_secret"]))
    throw new ApiError("volumeAzureCredentialsInvalid", "Give `tenant_id`, `client_id` and `client_secret`.");
  const endpoint = draft.endpoint ?? `https://${account}.blob.core.windows.net`;
  return {
    type: "AZURE",
    bucket: container,
    storage_account: account,
    prefix: draft.prefix ?? "",
    endpoint,
    credentials,
    properties,
  };
}
