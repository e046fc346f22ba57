import { ApiError } from "../../http/errors.ts";
import { checkAzure } from "./check-azure.ts";
import { checkGcs } from "./check-gcs.ts";
import { checkLocal } from "./check-local.ts";
import { checkOss, checkS3 } from "./check-s3.ts";
import { checkedProperties } from "./properties.ts";
import type { Credentials, GivenService, Service, VolumeType } from "./service-shape.ts";

/** A service whose properties are in order, and whose blank and absent texts are gone; the rest is the type's to check. */
export interface Draft extends Omit<GivenService, "credentials" | "properties"> {
  credentials: Credentials;
  properties: Record<string, unknown>;
}

const CHECKS: Record<VolumeType, (draft: Draft, canAssumeRoles: boolean) => Service> = {
  S3: checkS3,
  OSS: checkOss,
  GCS: checkGcs,
  AZURE: checkAzure,
  LOCAL: checkLocal,
};

/**
 * A service that is whole and makes sense, with its defaults (volumes.md §1.3, §1.4). Nothing is connected to.
 * `canAssumeRoles`: whether the platform has an identity that roles can be given to.
 *
 * @throws ApiError `volumeServiceInvalid`, `volumeServiceInvalidAgain` for a property, and the errors of the type's
 * credentials and properties
 */
export function checkService(given: GivenService, canAssumeRoles: boolean): Service {
  const { credentials = {}, properties = {}, ...texts } = given;
  return CHECKS[given.type](
    {
      ...(withoutBlank(texts) as typeof texts),
      credentials: withoutBlank(credentials),
      properties: checkedProperties(properties),
    },
    canAssumeRoles,
  );
}

/** Clients send what was left empty in a form as `""`. */
const withoutBlank = <T extends object>(texts: T): T =>
  Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined && text !== null && text !== "")) as T;

/** @throws ApiError `volumeServiceInvalid` when it is not there */
export function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new ApiError("volumeServiceInvalid", `\`service.${name}\` is missing.`);
  return value;
}

/** Credentials are header values and parts of addresses: visible ASCII in one line. */
export const isPlain = (text: string): boolean => /^[\x21-\x7e]+$/.test(text);

/** Whether exactly these keys are there, and are texts that can be sent. */
export function consistsOf(credentials: Credentials, keys: readonly (keyof Credentials)[]): boolean {
  return (
    Object.keys(credentials).length === keys.length &&
    keys.every((key) => credentials[key] !== undefined && isPlain(credentials[key]))
  );
}
