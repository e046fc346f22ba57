/** A bucket of Google Cloud Storage (volumes.md §1.3). */
export interface GcsVolumeSettings {
  service: "gcs";
  bucket: string;
  prefix?: string | undefined;
  /** By default Google's. */
  rootUrl?: string | undefined;
  /** What signed URLs begin with, by default the root URL; null where clients cannot reach the service. */
  publicEndpoint?: string | null | undefined;
  credentials: GcsServiceAccount;
}

export interface GcsServiceAccount {
  clientEmail: string;
  /** PEM. */
  privateKey: string;
  /** Where access tokens are given out; by default Google's. */
  tokenUrl?: string | undefined;
}
