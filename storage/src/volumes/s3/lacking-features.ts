import type { ObjectCannedACL, StorageClass } from "@aws-sdk/client-s3";
import { isFault, VolumeError } from "../volume-errors.ts";
import type { WriteOptions } from "../volume-store.ts";

type Feature = "encryption" | "ifAbsent";

/** What a store has said that it has not implemented: it is asked without from then on. */
export class LackingFeatures {
  readonly #lacking = new Set<Feature>();

  /** Writes with all that is asked for, and without what this store has said it has not implemented. */
  async writing<Answer, Options extends WriteOptions & { ifAbsent: boolean }>(
    options: Options,
    write: (possible: Options) => Promise<Answer>,
  ): Promise<Answer> {
    const asked: Feature[] = [
      ...(options.encryption?.algorithm === "AES256" ? ["encryption" as const] : []),
      ...(options.ifAbsent ? ["ifAbsent" as const] : []),
    ];
    const leftOut = asked.filter((feature) => this.#lacking.has(feature));
    for (const without of [leftOut, ...asked.map((feature) => [...leftOut, feature]), asked]) {
      try {
        const answer = await write({
          ...options,
          ...(without.includes("encryption") ? { encryption: undefined } : {}),
          ...(without.includes("ifAbsent") ? { ifAbsent: false } : {}),
        });
        for (const feature of without) this.#lacking.add(feature);
        return answer;
      } catch (error) {
        if (!isFault(error, "NotSupported") || without.length === asked.length) throw error;
      }
    }
    throw new VolumeError("NotSupported", { action: "write" });
  }
}

/** What the requests that begin an object have of these options. */
export function writeProperties({ contentType, userMetadata, encryption, cannedAcl, storageClass }: WriteOptions) {
  return {
    ContentType: contentType ?? "application/octet-stream",
    Metadata: userMetadata,
    ServerSideEncryption: encryption?.algorithm,
    SSEKMSKeyId: encryption?.kmsKeyId,
    ACL: cannedAcl as ObjectCannedACL | undefined,
    StorageClass: storageClass as StorageClass | undefined,
  };
}
