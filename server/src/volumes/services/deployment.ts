import type { EndpointList, LocalRoot } from "@causeway/storage";
import type { AccessMode, VolumeType } from "./service-shape.ts";

/** What an operator says of volumes. */
export interface VolumeDeployment {
  /** Where connections may go. */
  endpoints: EndpointList;
  /** Certificates in PEM that are trusted beside the system's. */
  ca: string | undefined;
  /** Milliseconds for all that one call of the API asks of a service. */
  answerMs: number;
  /** Types of volumes that may be made. */
  types: ReadonlySet<VolumeType>;
  /** Types whose volumes can only be read-only. */
  readOnlyTypes: ReadonlySet<VolumeType>;
  /** Hosts (`s3.lab`, `*.amazonaws.com`) whose volumes may be written to; undefined: all. */
  writableHosts: readonly string[] | undefined;
  /** Types of volumes that files may be exported to (else 9027), and hosts (else 9028); undefined: all. */
  exportTypes: ReadonlySet<VolumeType> | undefined;
  exportHosts: readonly string[] | undefined;
  /** Whether an object is written, and removed, to see whether a volume can be written to. */
  writeProbe: boolean;
  /** The identity that assumes users' roles; undefined: none, and no roles. */
  role: RoleIdentity | undefined;
  /** Directories that volumes of type LOCAL can be in, by the name that stands for the bucket. */
  roots: ReadonlyMap<string, DeclaredRoot>;
}

export interface RoleIdentity {
  accessKeyId: string;
  secretAccessKey: string;
  stsEndpoint: string | undefined;
}

/** A directory and who may make volumes in it. */
export interface DeclaredRoot extends LocalRoot {
  mode: AccessMode;
  /** Usernames, ids of teams, divisions; undefined: everybody. */
  allowed: { users: readonly string[]; teams: readonly string[]; divisions: readonly string[] } | undefined;
}
