import type { AzureVolumeSettings } from "./azure/azure-settings.ts";
import type { GcsVolumeSettings } from "./gcs/gcs-settings.ts";
import type { LocalVolumeSettings } from "./local/local-settings.ts";
import type { S3VolumeSettings } from "./s3/s3-settings.ts";
import type { VolumeConnection } from "./volume-connection.ts";
import type { VolumeStore } from "./volume-store.ts";

/** Where the objects of a volume are, with the credentials for them. */
export type VolumeSettings = S3VolumeSettings | GcsVolumeSettings | AzureVolumeSettings | LocalVolumeSettings;

/**
 * A store for these settings, without a request. The client libraries take a quarter of a second and more to load: only who
 * opens a volume of their kind pays for them. Throws `BadSettings`, `BadLocation` (the prefix) and `InvalidPrivateKey`.
 */
export async function openVolume(settings: VolumeSettings, connection: VolumeConnection): Promise<VolumeStore> {
  switch (settings.service) {
    case "s3":
    case "oss":
      return new (await import("./s3/s3-volume.ts")).S3Volume(settings, connection);
    case "gcs":
      return new (await import("./gcs/gcs-volume.ts")).GcsVolume(settings, connection);
    case "azure":
      return new (await import("./azure/azure-volume.ts")).AzureVolume(settings, connection);
    case "local":
      return new (await import("./local/local-volume.ts")).LocalVolume(settings, { answerMs: connection.limits?.answerMs });
  }
}
