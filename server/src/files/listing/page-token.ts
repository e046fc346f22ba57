import { ApiError } from "../../http/errors.ts";

/** The last thing of a page: the next page begins after it. */
export interface ScrolledTo {
  type: "file" | "folder";
  name: string;
}

/** The token of the page that follows `last` in a folder. */
export const scrollToken = (folder: string, { type, name }: ScrolledTo): string =>
  Buffer.from(JSON.stringify([folder, type, name])).toString("base64url");

/**
 * Where the page of a token begins in this folder: undefined at the start, for `init`.
 *
 * @throws ApiError `scrollTokenUndecodable` for what is no base64, `scrollTokenInvalid` for what is none of this folder
 */
export function readScrollToken(token: string, folder: string): ScrolledTo | undefined {
  if (token === "init") return undefined;
  if (!/^[\w+/-]+={0,2}$/.test(token) || token.replace(/=+$/, "").length % 4 === 1) throw new ApiError("scrollTokenUndecodable");
  const [of, type, name] = parsed(Buffer.from(token, "base64url").toString());
  const isOurs = of === folder && (type === "file" || type === "folder") && typeof name === "string" && !name.includes("\0");
  if (!isOurs) throw new ApiError("scrollTokenInvalid");
  return { type, name };
}

function parsed(text: string): unknown[] {
  try {
    const said: unknown = JSON.parse(text);
    return Array.isArray(said) ? said : [];
  } catch {
    return [];
  }
}
