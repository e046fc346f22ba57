import type { Client } from "@causeway/contract/client";
import { CliError } from "../exit.ts";
import { explain } from "../failure.ts";

/** The most files that one call changes. */
const TOGETHER = 100;

type Metadata = Record<string, unknown>;

interface Waiting {
  readonly id: string;
  readonly metadata: Record<string, string>;
  resolve(metadata: Metadata): void;
  reject(error: unknown): void;
}

/** Sets metadata of files, a hundred with one call: a call for each would use up the rate limit. */
export interface MetadataChanges {
  /** Merges `metadata` into the file's, now or with the next `flush`. Answers all that the file has then. */
  set(id: string, metadata: Record<string, string>): Promise<Metadata>;
  flush(): Promise<void>;
}

/** A file whose bytes are on the platform, without the metadata that it was to have. */
export class MetadataNotSet extends CliError {
  constructor(why: string) {
    super(`It is there, but its metadata was not set: ${why}`);
  }
}

export function metadataChanges(client: Client): MetadataChanges {
  let waiting: Waiting[] = [];

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      const { items } = await client.editFiles({ body: { items: batch.map(({ id, metadata }) => ({ id, metadata })) } });
      for (const [index, { resolve, reject }] of batch.entries()) {
        const item = items[index]!;
        if ("resource" in item) resolve((item.resource as { metadata?: Metadata }).metadata ?? {});
        else reject(new MetadataNotSet(item.error.message));
      }
    } catch (error) {
      const explanation = explain(error);
      for (const { reject } of batch) reject(explanation ? new MetadataNotSet(explanation.message) : error);
    }
  }

  return {
    set(id, metadata) {
      const answer = new Promise<Metadata>((resolve, reject) => waiting.push({ id, metadata, resolve, reject }));
      if (waiting.length >= TOGETHER) void flush();
      return answer;
    },
    flush,
  };
}
