import { setTimeout as wait } from "node:timers/promises";
import type { JobSpec } from "../job.ts";
import type { ContainerEngine, EngineName, Probe } from "./engine.ts";
import type { ImageSources } from "./image-source.ts";
import { noEngine } from "./none.ts";
import { findEngine, IMAGE_ENGINES } from "./probe.ts";

/** Which engine a job is started in. What an executor asks, each time that it starts a job. */
export interface EngineChoice {
  /** The engine for the job, as last seen; or why it cannot be started now. */
  current(job: EngineWish): Probe;
  /** The same, after another look at this host where there was none, and several before a job is refused. */
  choose(job: EngineWish): Promise<Probe>;
  /** Calls `listener` when jobs that could not be started may be now. */
  onChange?(listener: () => void): void;
}

/** What of a job decides which engines can run it. */
export type EngineWish = Pick<JobSpec, "image"> & Partial<Pick<JobSpec, "network" | "outdir">>;

export interface HostEnginesSettings {
  /** `required`: no job runs without walls. `none`: jobs run without where there is no engine for them. */
  isolation: "required" | "none";
  /** `ignore`: jobs run on this host's programs whatever image they name. */
  images: "auto" | "ignore";
  sources?: ImageSources;
  /** Whether the first look takes what other processes of this user found a short while ago. Default: yes. */
  remembers?: boolean;
  /** Hears what an operator should know, at the first look and when it changes. */
  log?: (message: string) => void;
}

/** How to get what is missing. */
export const INSTALL_BUBBLEWRAP = "Install bubblewrap (Debian: apt-get install bubblewrap)";

const INSTALL_IMAGE_ENGINE = "Install docker, podman or apptainer";

/** Between two looks that jobs cause, and between those of the clock. */
const LOOK_AGAIN_MS = 3000;
const LOOK_EVERY_MS = 60_000;
const LOOKS_BEFORE_REFUSAL = 5;

/**
 * The container engines of this host. They are looked for every minute, and when a job needs one that is not there; each
 * is used for what a probe has shown to work. One that worked is taken to work until its program is gone or changed.
 */
export class HostEngines implements EngineChoice {
  readonly #settings: HostEnginesSettings;
  readonly #probes = new Map<EngineName, Probe>();
  readonly #listeners: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #lookedAt = 0;
  #hasLooked = false;
  /** The first look for bubblewrap, which is quick: most tools need not wait for the others. */
  #walls: Promise<void> | undefined;
  #told = "";

  constructor(settings: HostEnginesSettings) {
    this.#settings = settings;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  /** Looks at this host once more; those who ask meanwhile get the same look. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Resolves when it is known how tools without an image run; those with one wait for themselves. */
  async known(): Promise<void> {
    this.#walls ??= this.#lookAt("bubblewrap");
    await this.#walls;
    if (this.wraps !== "container") await this.#looked();
  }

  /** Looks again if no engine for images was there, unless that was a moment ago: before a tool is told that there is none. */
  async lookForMissing(): Promise<void> {
    await this.#looked();
    const isMissing = this.#settings.images === "auto" && !this.#find(IMAGE_ENGINES);
    if (isMissing && performance.now() - this.#lookedAt > LOOK_AGAIN_MS) await this.look();
  }

  current(job: EngineWish): Probe {
    if (job.image && this.#settings.images === "auto") {
      if (!this.#hasLooked) return { unusable: "container engines are being looked for" };
      const found = this.#imageEngine(job);
      if (!("unusable" in found)) return found;
      if (this.#find(IMAGE_ENGINES)) return found;
      if (job.image.required) return this.imagesUnusable === undefined ? found : { ...found, refused: true };
    }
    return this.#hostEngine(job);
  }

  async choose(job: EngineWish): Promise<Probe> {
    await this.#looked();
    let found = this.current(job);
    // An engine may be starting anew: only one that stays away is a reason to refuse a job.
    for (let looks = 0; "unusable" in found && looks < (found.refused ? LOOKS_BEFORE_REFUSAL : 1); looks++) {
      const since = performance.now() - this.#lookedAt;
      if (since < LOOK_AGAIN_MS) await wait(LOOK_AGAIN_MS - since, undefined, { ref: false });
      await this.look();
      found = this.current(job);
    }
    return found;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Which jobs are wrapped, as jobs are prepared for it: everything, those with images, or nothing. */
  get wraps(): "container" | "images" | "none" {
    if (this.#settings.isolation === "required" || this.#usable("bubblewrap")) return "container";
    return this.#settings.images === "auto" && this.#find(IMAGE_ENGINES) ? "images" : "none";
  }

  /**
   * Why a tool that insists on an image will not run here, while others do; absent where it may. Where nothing runs at
   * all, it waits as all of them do.
   */
  get imagesUnusable(): string | undefined {
    if (this.#settings.images === "ignore" || this.#find(IMAGE_ENGINES)) return undefined;
    if ("unusable" in this.#hostEngine({})) return undefined;
    return this.#noImageEngine();
  }

  /** What was found, and what comes of it. */
  get found(): { probes: ReadonlyMap<EngineName, Probe>; host: Probe; images: Probe } {
    const image = { image: { docker: {}, required: true } };
    return { probes: this.#probes, host: this.#hostEngine({}), images: this.#imageEngine(image) };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const before = JSON.stringify([...this.#probes].map(([name, probe]) => [name, probe]));
    const isFirst = this.#walls === undefined;
    this.#walls ??= this.#lookAt("bubblewrap");
    await Promise.all([isFirst ? this.#walls : this.#lookAt("bubblewrap"), ...IMAGE_ENGINES.map((name) => this.#lookAt(name))]);
    this.#lookedAt = performance.now();
    this.#hasLooked = true;
    this.#tell();
    const after = JSON.stringify([...this.#probes].map(([name, probe]) => [name, probe]));
    if (before !== after) for (const listener of this.#listeners) listener();
  }

  async #looked(): Promise<void> {
    if (!this.#hasLooked) await this.look();
  }

  async #lookAt(name: EngineName): Promise<void> {
    const { images, sources, remembers = true } = this.#settings;
    if (name !== "bubblewrap" && images === "ignore") {
      this.#probes.set(name, { unusable: "the setting CAUSEWAY_IMAGES=ignore says so" });
      return;
    }
    const known = this.#probes.get(name);
    if (known && !("unusable" in known) && (await known.isStillThere?.())) return;
    this.#probes.set(name, await findEngine(name, { remembers: remembers && !known, ...(sources && { sources }) }));
  }

  /** The engine for a job that names an image. */
  #imageEngine(job: EngineWish): Probe {
    const usable = IMAGE_ENGINES.map((name) => this.#usable(name)).filter((engine) => engine !== undefined);
    if (usable.length === 0) return { unusable: this.#noImageEngine() };
    const able = usable.find(({ network }) => !job.network || "is" in network);
    if (able) return able;
    const why = usable.map(({ name, network }) => ("is" in network ? "" : `${name}: ${network.unusable}`)).join("; ");
    return { unusable: `the tool asks for the network, and containers get none here: ${why}` };
  }

  #hostEngine({ outdir }: EngineWish): Probe {
    const bubblewrap = this.#usable("bubblewrap");
    if (bubblewrap) return bubblewrap;
    const why = this.#reasons(["bubblewrap"]);
    if (this.#settings.isolation === "required")
      return { unusable: `tools do not run without isolation: ${why}. ${INSTALL_BUBBLEWRAP}` };
    // Only walls can show a directory under another path.
    if (outdir && outdir.host !== outdir.path) return { unusable: `it was prepared for a container engine: ${why}` };
    return noEngine;
  }

  #usable(name: EngineName): ContainerEngine | undefined {
    const probe = this.#probes.get(name);
    return probe && !("unusable" in probe) ? probe : undefined;
  }

  #find(names: readonly EngineName[]): ContainerEngine | undefined {
    return names.map((name) => this.#usable(name)).find((engine) => engine !== undefined);
  }

  #reasons(names: readonly EngineName[]): string {
    const probes = names.map((name) => this.#probes.get(name) ?? { unusable: `${name} has not been looked for yet` });
    return probes.flatMap((probe) => ("unusable" in probe ? [probe.unusable] : [])).join("; ");
  }

  /** What a task says that needs an image, and the doctor. */
  #noImageEngine(): string {
    return `no container engine works here: ${this.#reasons(IMAGE_ENGINES)}. ${INSTALL_IMAGE_ENGINE}`;
  }

  #tell(): void {
    const host = this.#hostEngine({});
    const message = "unusable" in host ? tellWaiting(host.unusable) : host.name === "none" ? this.#tellOpen() : "";
    if (message !== "" && message !== this.#told) this.#settings.log?.(message);
    this.#told = message;
  }

  #tellOpen(): string {
    return `Tools run WITHOUT isolation, with all rights of this user: ${this.#reasons(["bubblewrap"])}. ${INSTALL_BUBBLEWRAP}.`;
  }
}

const tellWaiting = (why: string) =>
  `Tools of tasks wait: ${why}. Tools that name an image also run in docker, podman, apptainer or singularity. ` +
  "CAUSEWAY_ISOLATION=none runs tools with all rights of this user.";

/** The same engines for all time. */
export function fixedEngines(engine: ContainerEngine, images?: ContainerEngine): EngineChoice {
  const current = (job: EngineWish) => (job.image && images) ?? engine;
  return { current, choose: (job) => Promise.resolve(current(job)) };
}
