import { checkAzure } from "./check-azure.ts";
import { checkGcs } from "./check-gcs.ts";
import { checkLocal } from "./check-local.ts";
import { checkOss, checkS3 } from "./check-s3.ts";
import type { Draft } from "./draft.ts";
import { checkedProperties } from "./properties.ts";
import type { GivenService, Service, VolumeType } from "./service-shape.ts";

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
