import { createHash } from "node:crypto";

/** A V4 signed URL: whoever has it may GET the object for `seconds`. */
export function signedUrl(
  {
    endpoint,
    bucket,
    key,
    seconds,
    query,
    now = new Date(),
  }: {
    endpoint: URL;
    bucket: string;
    key: string;
    seconds: number;
    query: Record<string, string>;
    now?: Date;
  },
  signer: { email: string; sign(text: string): Buffer },
): URL {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/auto/storage/goog4_request`;
  const parameters: Record<string, string> = {
    ...query,
    "X-Goog-Algorithm": "GOOG4-RSA-SHA256",
    "X-Goog-Credential": `${signer.email}/${scope}`,
    "X-Goog-Date": time,
    "X-Goog-Expires": String(seconds),
    "X-Goog-SignedHeaders": "host",
  };
  const path = `/${bucket}/${key.split("/").map(escaped).join("/")}`;
  const canonical = Object.keys(parameters)
    .sort()
    .map((name) => `${escaped(name)}=${escaped(parameters[name]!)}`)
    .join("&");
  const request = ["GET", path, canonical, `host:${endpoint.host}`, "", "host", "UNSIGNED-PAYLOAD"].join("\n");
  const digest = createHash("sha256").update(request).digest("hex");
  const signature = signer.sign(["GOOG4-RSA-SHA256", time, scope, digest].join("\n")).toString("hex");
  return new URL(`${endpoint.origin}${path}?${canonical}&X-Goog-Signature=${signature}`);
}

/** RFC 3986, where `encodeURIComponent` leaves five characters alone. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
