import { ApiError } from "../../http/errors.ts";
import { type Draft, isPlain, required } from "./draft.ts";
import type { Service } from "./service-shape.ts";

export const GOOGLE = "https://www.googleapis.com";

/** @throws ApiError `volumeServiceInvalid`; `volumeGoogleCredentialsInvalid` */
export function checkGcs(draft: Draft): Service {
  const { credentials, properties } = draft;
  const bucket = required(draft.bucket, "bucket");
  const { client_email: email, private_key: key, configuration, ...others } = credentials;
  const isAccount = email !== undefined && isPlain(email) && key !== undefined && configuration === undefined;
  const isFederation = configuration !== undefined && email === undefined && key === undefined;
  if ((!isAccount && !isFederation) || Object.keys(others).length > 0) {
    throw new ApiError("volumeGoogleCredentialsInvalid", "Give either `client_email` and `private_key`, or `configuration`.");
  }
  if (isFederation && !isConfiguration(configuration)) {
    throw new ApiError(
      "volumeGoogleCredentialsInvalid",
      "`configuration` must be the JSON text of an identity federation, as Google's console makes it.",
    );
  }
  return {
    type: "GCS",
    bucket,
    prefix: draft.prefix ?? "",
    endpoint: draft.root_url ?? draft.endpoint ?? GOOGLE,
    credentials,
    properties,
  };
}

const KEYS = ["type", "audience", "subject_token_type", "token_url", "credential_source"];

function isConfiguration(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && KEYS.every((key) => Object.hasOwn(value, key));
  } catch {
    return false;
  }
}
