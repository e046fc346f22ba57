import type { VolumeConnection, VolumeSettings } from "@causeway/storage";
import { VolumeError } from "@causeway/storage";
import { GOOGLE } from "./check-gcs.ts";
import type { VolumeDeployment } from "./deployment.ts";
import { booleanOf } from "./properties.ts";
import type { Service } from "./service-shape.ts";

/** What a store for this service is opened with. @throws VolumeError `NoSuchBucket` for a directory that is not declared */
export function storeSettingsOf(service: Service, { role, roots }: VolumeDeployment): VolumeSettings {
  const { type, bucket, prefix, endpoint, credentials, properties } = service;
  const publicEndpoint = textOrNull(properties.public_endpoint);
  switch (type) {
    case "S3":
    case "OSS": {
      const keys = { accessKeyId: credentials.access_key_id!, secretAccessKey: credentials.secret_access_key! };
      return {
        service: type === "S3" ? "s3" : "oss",
        bucket,
        prefix,
        endpoint,
        publicEndpoint,
        region: textOf(properties.region),
        pathStyle: booleanOf(properties.path_style),
        listVersion: String(properties.list_version) === "1" ? 1 : undefined,
        credentials:
          credentials.role_arn === undefined
            ? keys
            : { roleArn: credentials.role_arn, externalId: credentials.external_id!, as: role!, stsEndpoint: role!.stsEndpoint },
      };
    }
    case "GCS":
      return {
        service: "gcs",
        bucket,
        prefix,
        rootUrl: endpoint === GOOGLE ? undefined : endpoint,
        publicEndpoint,
        credentials: {
          clientEmail: credentials.client_email!,
          privateKey: credentials.private_key!,
          tokenUrl: textOf(properties.token_url),
        },
      };
    case "AZURE":
      return {
        service: "azure",
        storageAccount: service.storage_account!,
        container: bucket,
        prefix,
        endpoint,
        publicEndpoint,
        credentials: {
          tenantId: credentials.tenant_id!,
          clientId: credentials.client_id!,
          clientSecret: credentials.client_secret!,
          authority: textOf(properties.authority),
        },
      };
    case "LOCAL": {
      const root = roots.get(bucket);
      if (!root) throw new VolumeError("NoSuchBucket", { action: "list" });
      return { service: "local", root, prefix, symlinks: properties.symlinks === "within_root" ? "within_root" : "deny" };
    }
  }
}

/** How the services of these volumes are reached. */
export function connectionOf({ properties }: Service, { endpoints, ca, answerMs }: VolumeDeployment): VolumeConnection {
  const trusted = [ca, textOf(properties.ca_bundle_pem)].filter((pem) => pem !== undefined).join("\n");
  return { endpoints, ...(trusted === "" ? {} : { ca: trusted }), limits: { answerMs } };
}

/** A text; null where it is null; undefined for everything else. */
const textOrNull = (value: unknown): string | null | undefined =>
  typeof value === "string" || value === null ? value : undefined;

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
