import type { EndpointList } from "./net/endpoint-list.ts";
import type { HttpLimits } from "./net/service-http.ts";

/** How the services are reached: the operator's part of it. */
export interface VolumeConnection {
  endpoints: EndpointList;
  /** Certificates in PEM that are trusted beside the system's. */
  ca?: string | undefined;
  limits?: Partial<HttpLimits> | undefined;
}
