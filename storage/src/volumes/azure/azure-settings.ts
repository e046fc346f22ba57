import { VolumeError } from "../volume-errors.ts";

/** A container of Azure Blob Storage (volumes.md §1.3). */
export interface AzureVolumeSettings {
  service: "azure";
  storageAccount: string;
  container: string;
  prefix?: string | undefined;
  /** By default `https://<storageAccount>.blob.core.windows.net`; may have a path, where accounts are no host names. Https. */
  endpoint?: string | null | undefined;
  /** What signed URLs begin with, by default `endpoint`; null where clients cannot reach the service. */
  publicEndpoint?: string | null | undefined;
  credentials: AzureApplication;
}

/** An application of the user's tenant. */
export interface AzureApplication {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  /** Where tokens are given out; by default `https://login.microsoftonline.com`. */
  authority?: string | undefined;
}

/** Without a slash at the end. */
export interface AzureAddress {
  endpoint: string;
  publicEndpoint: string | undefined;
  tokenUrl: URL;
}

/** Throws `BadSettings`. */
export function azureAddressOf({ storageAccount, container, credentials, ...settings }: AzureVolumeSettings): AzureAddress {
  if (!/^[a-z0-9]{3,24}$/.test(storageAccount)) throw bad("the name of the storage account");
  if (!/^(\$root|\$web|[a-z0-9](-?[a-z0-9]){2,62})$/.test(container)) throw bad("the name of the container");
  if (!/^[A-Za-z0-9.-]{1,128}$/.test(credentials.tenantId)) throw bad("the tenant");
  const endpoint = urlOf(settings.endpoint ?? `https://${storageAccount}.blob.core.windows.net`, "the endpoint");
  // The client library sends no token without TLS, and would say so in words of its own.
  if (!endpoint.startsWith("https:")) throw bad("the endpoint: tokens are sent over https alone");
  const given = settings.publicEndpoint;
  const publicEndpoint = given === null ? undefined : given === undefined ? endpoint : urlOf(given, "the public endpoint");
  const authority = urlOf(credentials.authority ?? "https://login.microsoftonline.com", "the authority");
  return { endpoint, publicEndpoint, tokenUrl: new URL(`${authority}/${credentials.tenantId}/oauth2/v2.0/token`) };
}

function urlOf(text: string, what: string): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  const isPlain =
    url !== null && ["http:", "https:"].includes(url.protocol) && url.username + url.password + url.search + url.hash === "";
  if (!isPlain) throw bad(what);
  return url.href.replace(/\/+$/, "");
}

function bad(what: string): VolumeError {
  return new VolumeError("BadSettings", { detail: what });
}
