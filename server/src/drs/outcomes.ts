import { ApiError } from "../http/errors.ts";

/** What came of one object of several. */
export type Outcome<Value> = { id: string } & ({ value: Value } | { refusal: ApiError });

export interface AccessUrl {
  accessId: string;
  url: string;
}

/** Does the work for one object; what it refuses is told of that object alone. */
export async function outcome<Value>(id: string, work: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { id, value: await work() };
  } catch (error) {
    if (error instanceof ApiError) return { id, refusal: error };
    throw error;
  }
}
