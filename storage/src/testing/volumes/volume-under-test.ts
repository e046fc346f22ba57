import type { VolumeStore } from "../../volumes/volume-store.ts";

/** What a service under test cannot do, or its test server cannot show. Everything that is not said here is tested. */
export interface VolumeSuiteOptions {
  /** Why these tests cannot run here. */
  skip?: string | false;
  /** Locations that the service cannot have, of those that the suite tries. */
  impossible?: readonly string[];
  /** As clients fetch, with trust in the server's certificate. */
  fetch?: typeof globalThis.fetch;
  /** It keeps no metadata of users. */
  keepsNoMetadata?: boolean;
  /** The test server gives wrong answers there; each with the reason, which is printed. */
  unproven?: Partial<Record<Unproven, string>>;
}

export type Unproven =
  | "a stopped upload is resumed"
  | "a removed upload"
  | "pages of folders"
  | "signatures"
  | "bad tokens"
  | "conditions"
  | "ends beyond the object"
  | "expired URLs";

/** A service under test. `story` is one test with a store whose prefix is its own. */
export interface VolumeSuite {
  options: VolumeSuiteOptions;
  story(title: string, tell: (store: VolumeStore, another: () => Promise<VolumeStore>) => Promise<void>, needs?: Unproven): void;
}
