import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createOperatorClient } from "@causeway/contract/client";

/** A link that opens a browser signed in as that user, once. Asked for with the administrator's token of the data directory. */
export async function signInLink(url: string, dataDirectory: string, username: string): Promise<string | undefined> {
  const token = (await readFile(join(dataDirectory, "admin.token"), "utf8")).trim();
  const operator = createOperatorClient({ baseUrl: url, token });
  try {
    return (await operator.createLink({ username, body: { purpose: "sign-in" } })).url;
  } catch {
    // The token was renewed, or the administrator has another name: then there is `causeway user invite`.
    return undefined;
  }
}
