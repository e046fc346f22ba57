import { sealedColumn } from "../secrets/rotation.ts";
import { secretsAbout } from "./open-stores.ts";

/** The secrets of volumes, for a rotation of keys. */
export const VOLUME_SECRETS = sealedColumn("volumes", "secrets", secretsAbout);
