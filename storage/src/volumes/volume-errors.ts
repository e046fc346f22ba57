/**
 * Everything that can be wrong with a volume, as one closed set. Each is told apart because somebody has to do something
 * else about it; the server makes its codes 9000-9209 of them.
 */
export const VOLUME_FAULTS = {
  // The way to the service.
  Unreachable: "The service cannot be reached",
  Timeout: "The service did not answer in time",
  AddressRefused: "This platform does not connect to that address",
  Redirected: "The service sent the request elsewhere, which is not followed",
  BadAnswer: "The service gave an answer that makes no sense",
  Throttled: "The service asks for fewer requests",
  ServiceFault: "The service reports a fault of its own",
  Refused: "The service refuses the request",
  // Who asks.
  UnknownAccessKey: "The service does not know the access key",
  WrongSecret: "The secret does not belong to the access key",
  InvalidCredentials: "The service does not accept the credentials",
  InvalidPrivateKey: "The private key cannot be read",
  RoleRefused: "The role cannot be assumed",
  ClockSkew: "The clocks of the service and of this platform are too far apart",
  AccessDenied: "The credentials do not permit it",
  // What is asked for.
  BadSettings: "The settings of the volume make no sense",
  NoSuchBucket: "There is no such bucket, container or root",
  WrongRegion: "The bucket is in another region",
  NoSuchObject: "There is nothing at this location",
  BadLocation: "This cannot be a location on the volume",
  BadToken: "The list cannot be continued from this token",
  Archived: "The object is in an archive and must be restored before it can be read",
  ObjectExists: "There is an object at this location",
  ObjectChanged: "The object has changed",
  NoSuchUpload: "The upload was never opened, or was completed or removed",
  PartsRefused: "The parts do not make an object",
  PropertyRefused: "The service does not accept a property of the object: its encryption, access list or storage class",
  NotSupported: "The service cannot do this",
  ReadOnly: "The volume cannot be written to",
  StorageFull: "The service has no room left",
  // What we sent.
  BodyCut: "The bytes ended early or ran on",
  BodyDamaged: "The service stored other bytes than were sent",
} as const satisfies Record<string, string>;

export type VolumeFault = keyof typeof VOLUME_FAULTS;

/** What was being done: it tells apart the rights that are missing (9204 list, 9205 read, 9206 write, 9207 readAcl). */
export type VolumeAction = "list" | "read" | "write" | "remove" | "readAcl" | "signIn";

/** Where a fault is seen: at most what a log needs, and nothing that a service could put secrets into. */
export interface FaultContext {
  action?: VolumeAction | undefined;
  /** HTTP status of the answer. */
  status?: number | undefined;
  /** The service's or the system's own word, such as `AllAccessDisabled` or `ECONNREFUSED`; letters and dots alone. */
  code?: string | undefined;
  /** What we have to add, in words of ours. */
  detail?: string | undefined;
  /** Of `WrongRegion`: where the bucket is, when the service says so. */
  region?: string | undefined;
}

/**
 * A fault of a volume. Its text consists of words of ours and of the service's error code: an answer's text never gets
 * into it, because it may repeat the request with its credentials, and neither does what a client library threw.
 */
export class VolumeError extends Error {
  override name = "VolumeError";
  readonly fault: VolumeFault;
  readonly action: VolumeAction | undefined;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly region: string | undefined;

  readonly #detail: string | undefined;

  constructor(fault: VolumeFault, { action, status, code, detail, region }: FaultContext = {}) {
    const word = code !== undefined && /^[A-Za-z.]{1,64}$/.test(code) ? code : undefined;
    const said = [word, status === undefined ? undefined : `HTTP ${status}`].filter(Boolean).join(", ");
    super(`${VOLUME_FAULTS[fault]}${detail ? `: ${detail}` : ""}${said ? ` (${said})` : ""}`);
    this.fault = fault;
    this.action = action;
    this.status = status;
    this.code = word;
    this.region = region !== undefined && /^[a-z0-9-]{1,32}$/.test(region) ? region : undefined;
    this.#detail = detail;
  }

  /** The same fault, said of `action`, or also of another kind. */
  of(action: VolumeAction, fault: VolumeFault = this.fault): VolumeError {
    const { status, code, region } = this;
    return new VolumeError(fault, { action, status, code, region, detail: fault === this.fault ? this.#detail : undefined });
  }
}

/** Whether `error` is one of these faults. */
export function isFault(error: unknown, ...faults: VolumeFault[]): error is VolumeError {
  return error instanceof VolumeError && faults.includes(error.fault);
}

/** Faults that may be gone when the same is asked once more. */
export const PASSING_FAULTS: ReadonlySet<VolumeFault> = new Set(["Unreachable", "Timeout", "Throttled", "ServiceFault"]);
