import { randomUUID } from "node:crypto";
import type { BodyOf, Operations, Page, QueryOf } from "@causeway/contract";
import { type Database, type Tx, violates } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { CheckedBody, Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import { type SecretBox, SecretUnreadable } from "../secrets/secret-box.ts";
import type { VolumeAccess, VolumeName } from "./access.ts";
import { countUnderWay, stopJobs } from "./jobs/queries.ts";
import { insertVolumeMember } from "./members/queries.ts";
import { type OpenStores, secretsAbout } from "./open-stores.ts";
import { checkOpens, probe, refuseByPolicy } from "./probing.ts";
import { changeVolume, hasName, insertVolume, listVolumes, lockVolume, type SeenVolume, wipeVolume } from "./queries.ts";
import { refuseOthersRoot } from "./roots.ts";
import { checkService } from "./services/check-service.ts";
import type { VolumeDeployment } from "./services/deployment.ts";
import { type AccessMode, joined, merged, type Secrets, type Service, split } from "./services/service-shape.ts";

export type VolumeService = ReturnType<typeof createVolumeService>;

export interface VolumeDeps {
  db: Database;
  access: VolumeAccess;
  stores: OpenStores;
  secrets: SecretBox;
  deployment: VolumeDeployment;
  /** Whether a file that is not deleted lies on the volume. */
  hasAliases: (tx: Tx, volumeId: string) => Promise<boolean>;
}

type Change = BodyOf<Operations["updateVolume"]>;

/** How often a change is tried again because somebody else's came between its probe and its writing. */
const TRIES = 3;

/**
 * Users' own buckets, containers and directories (volumes.md §2). Whoever makes one administers it, and so do the
 * administrators of the division that owns it. A volume that can be used has been asked whether it works.
 */
export function createVolumeService({ db, access, stores, secrets, deployment, hasAliases }: VolumeDeps) {
  return {
    /** The volumes that the actor may read, inactive ones too, by their ids. */
    list: (actor: Actor, page: () => Page): Promise<Listed<SeenVolume>> => listVolumes(db, actor.id, page()),

    /** @throws ApiError `volumeNotFound`, `volumeForbidden` */
    get: (actor: Actor, name: VolumeName): Promise<SeenVolume> => access.require(actor, name, "read"),

    /**
     * Makes a volume of the actor's, or of the actor's division, after a probe of the service itself.
     *
     * @throws ApiError of what was given, `volumeExists`, of the operator's rules, and of the probe, in this order (§2.1)
     */
    async create(actor: Actor, body: CheckedBody<Operations["createVolume"]>): Promise<SeenVolume> {
      const { name, access_mode: mode = "RW", service: given, description } = inOrder(body);
      const service = checkService(given, deployment.role !== undefined);
      await checkOpens(service, deployment);
      const owner = actor.division?.id ?? actor.username;
      if (await hasName(db, owner, name)) throw new ApiError("volumeExists");
      await admit(actor, service, mode);

      const id = randomUUID();
      try {
        await db.transaction().execute(async (tx) => {
          await insertVolume(tx, {
            id,
            owner,
            division_id: actor.division?.id ?? null,
            created_by: actor.id,
            name,
            description: description ?? null,
            access_mode: mode,
            ...(await sealedService(tx, id, service)),
          });
          await insertVolumeMember(tx, id, { user_id: actor.id }, { read: true, copy: true, write: true, admin: true });
        });
      } catch (error) {
        throw violates(error, "volumes_name") ? new ApiError("volumeExists") : error;
      }
      return access.require(actor, { owner, volume: name }, "read");
    },

    /**
     * Changes, deactivates or activates a volume (§2.4). Whatever could end its working is probed first, and leaves it
     * untouched when it does.
     *
     * @throws ApiError `volumeNotFound`, `volumeForbidden`, `volumeRequestInvalid`; `conflict` for jobs under way without
     * `force`; as `create` for the service
     */
    async update(
      actor: Actor,
      name: VolumeName,
      query: () => QueryOf<Operations["updateVolume"]>,
      body: () => Change,
    ): Promise<SeenVolume> {
      for (let attempt = 1; ; attempt += 1) {
        const volume = await access.require(actor, name, "admin");
        const { force = false } = query();
        const change = body();
        if (change.name !== undefined && change.name !== volume.name)
          throw new ApiError("volumeRequestInvalid", "A volume's name is part of its id and cannot change.");
        const service = await changedService(volume, change);
        const mode = change.access_mode ?? volume.access_mode;
        const isWidened = mode === "RW" && volume.access_mode === "RO";
        const isActivated = change.active === true && !volume.active;
        if (service || isWidened || isActivated)
          await admit(actor, service ?? joined(volume.service, await stores.secretsOf(volume.id)), mode);
        const isDone = await db.transaction().execute((tx) => write(tx, volume, change, { service, force }));
        if (isDone) return access.require(actor, name, "read");
        if (attempt === TRIES) throw new ApiError("conflict", "Others change this volume at the same time. Try again.");
      }
    },

    /**
     * Forgets a volume; nothing in the bucket is touched.
     *
     * @throws ApiError `volumeNotFound`, `volumeForbidden`; `conflict` while it is active or files lie on it
     */
    async delete(actor: Actor, name: VolumeName): Promise<void> {
      const { id } = await access.require(actor, name, "admin");
      await db.transaction().execute(async (tx) => {
        const volume = await lockVolume(tx, id);
        if (!volume) throw new ApiError("volumeNotFound");
        if (volume.active) throw new ApiError("conflict", "The volume is still active: deactivate it first.");
        if (await hasAliases(tx, id)) throw new ApiError("conflict", "Files lie on this volume: delete them first.");
        await wipeVolume(tx, id);
      });
    },
  };

  /** What an operator's rules and the service itself say of a volume like this. */
  async function admit(actor: Actor, service: Service, mode: AccessMode): Promise<void> {
    refuseByPolicy(service, mode, deployment);
    await refuseOthersRoot(db, actor, service, deployment);
    await probe(service, mode, deployment);
  }

  /** The service as `change` wants it; undefined when it stays as it is. */
  async function changedService(volume: SeenVolume, { service: change }: Change): Promise<Service | undefined> {
    if (change === undefined) return undefined;
    if (change.type !== undefined && change.type !== volume.service.type)
      throw new ApiError("volumeServiceInvalid", "A volume's type cannot change.");
    const current = joined(volume.service, await knownSecrets(volume.id));
    const service = checkService(merged(current, change), deployment.role !== undefined);
    if (service.type === "AZURE") refuseAzureChange(volume, service);
    await checkOpens(service, deployment);
    return JSON.stringify(sorted(service)) === JSON.stringify(sorted(current)) ? undefined : service;
  }

  /** Secrets whose key is lost can be given anew, all of them. */
  async function knownSecrets(id: string): Promise<Secrets> {
    try {
      return await stores.secretsOf(id);
    } catch (error) {
      if (error instanceof SecretUnreadable) return {};
      throw error;
    }
  }

  /** Whether it was written: not when the volume is another by now than the one that was looked at. */
  async function write(
    tx: Tx,
    { id, revision }: SeenVolume,
    change: Change,
    { service, force }: { service: Service | undefined; force: boolean },
  ): Promise<boolean> {
    // Sealed first: a rotation of keys keeps others from sealing before it takes the volumes.
    const given = service ? await sealedService(tx, id, service) : {};
    const volume = await lockVolume(tx, id);
    if (!volume) throw new ApiError("volumeNotFound");
    if (volume.revision !== revision) return false;
    const isDeactivated = change.active === false && volume.active;
    if (isDeactivated) await endJobs(tx, id, force);
    const columns = {
      ...(change.description === undefined ? {} : { description: change.description }),
      ...(change.access_mode === undefined ? {} : { access_mode: change.access_mode }),
      ...(change.active === undefined ? {} : { active: change.active }),
      ...given,
    };
    if (Object.keys(columns).length > 0) await changeVolume(tx, id, { ...columns, revision: revision + 1 });
    return true;
  }

  async function endJobs(tx: Tx, id: string, force: boolean): Promise<void> {
    const jobs = await countUnderWay(tx, id);
    if (jobs === 0) return;
    if (!force)
      throw new ApiError("conflict", `${jobs} imports and exports run on this volume: wait, or stop them with \`force=true\`.`);
    await stopJobs(tx, id);
  }

  async function sealedService(tx: Tx, id: string, service: Service): Promise<{ service: string; secrets: Buffer | null }> {
    const { shown, secrets: secret } = split(service);
    const hasSecrets = Object.keys(secret).length > 0;
    return {
      service: JSON.stringify(shown),
      secrets: hasSecrets ? await secrets.seal(tx, JSON.stringify(secret), secretsAbout(id)) : null,
    };
  }
}

/** The body in the order in which its errors are documented (§2.1). */
function inOrder(body: CheckedBody<Operations["createVolume"]>): BodyOf<Operations["createVolume"]> {
  const { name } = body.part("name");
  if (!/^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$/.test(name)) throw new ApiError("volumeNameUnderscores");
  body.part("access_mode");
  return body();
}

/** Only the endpoint and the secret of an Azure volume can change (§1.3). */
function refuseAzureChange(
  { service: current }: SeenVolume,
  { endpoint: _, credentials, properties: _properties, ...rest }: Service,
) {
  const isSame =
    rest.bucket === current.bucket &&
    rest.storage_account === current.storage_account &&
    rest.prefix === current.prefix &&
    credentials.tenant_id === current.credentials.tenant_id &&
    credentials.client_id === current.credentials.client_id;
  if (!isSame) throw new ApiError("volumeServiceInvalid", "Of an Azure volume only `endpoint` and `client_secret` can change.");
}

/** The same value with the keys of all its objects in one order: stored JSON comes back in another. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, below]) => below !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, below]) => [key, sorted(below)]));
}
