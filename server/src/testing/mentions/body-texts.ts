import type { Operation } from "@causeway/contract";
import type { TSchema } from "typebox";

/** What of a body could name something of somebody's, by the last key on the way to it; everything else is said to be plain. */
export const NAMES_A_THING: ReadonlySet<string> = new Set([
  ...["project", "parent", "file", "file_ids", "id", "app", "task_ids", "billing_group", "division", "username", "email"],
  ...["volume", "import_ids", "export_ids"],
]);

/** Texts that name nothing that is anybody's. */
export const PLAIN: ReadonlySet<string> = new Set([
  ...["text", "type", "referrer", "name", "description", "tags", "location", "retention", "category", "part_size", "md5"],
  ...["strategy", "main_location", "main_location_alias", "batch_input", "criteria", "instance_type", "status", "chromosome"],
  ...["max_parallel_instances", "drs_uri", "conflict_resolution"],
  // Of a volume: where it is and how it is reached.
  ...["access_mode", "bucket", "storage_account", "container", "prefix", "endpoint", "root_url", "access_key_id"],
  ...["secret_access_key", "role_arn", "external_id", "client_email", "private_key", "configuration", "tenant_id"],
  ...["client_id", "client_secret"],
]);

/** Bodies that are a list or map of texts as a whole, or a language: what they name is told in the test. */
export const WHOLE: ReadonlySet<string> = new Set(["findFileIds", "replaceFileTags", "searchFiles"]);

/** The ways to all texts in a body, as its schema says: `items[]/file`. */
export function textsOf({ body }: Operation): string[] {
  const found = new Set<string>();
  if (body) walk(body, "", found);
  return [...found];
}

interface Schema extends TSchema {
  type?: string;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
}

function walk(schema: Schema, path: string, found: Set<string>): void {
  if (schema.anyOf) for (const member of schema.anyOf) walk(member, path, found);
  else if (schema.items) walk(schema.items, `${path}[]`, found);
  else if (schema.properties)
    for (const [key, inner] of Object.entries(schema.properties)) walk(inner, path === "" ? key : `${path}/${key}`, found);
  // Without a type anything may stand there, a text as well.
  else if (schema.type === "string" || (schema.type === undefined && path !== "")) found.add(path);
}

/** The last key on a way. */
export const keyOf = (path: string): string => path.replaceAll("[]", "").split("/").at(-1)!;
