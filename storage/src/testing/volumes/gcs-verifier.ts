import { createHash, createPublicKey, createVerify, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** The account whose signatures count. */
export interface VerifiedAccount {
  clientEmail: string;
  /** PEM. */
  publicKey: string;
}

/**
 * Stands in front of a server of Google Cloud Storage that checks nothing, and checks what Google would: it gives access
 * tokens for assertions that the account has signed, and lets through requests with such a token or a URL that the account
 * has signed (version 4), as it was signed and before it expires. Written from Google's description, not from our signing.
 */
export async function startVerifier(port: number, target: URL, account: VerifiedAccount): Promise<Server> {
  const tokens = new Set<string>();
  const origin = `http://127.0.0.1:${port}`;
  const server = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url!, origin);
    if (url.pathname === "/token") return giveToken(incoming, outgoing, { account, audience: `${origin}/token`, tokens });
    const bearer = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? "")?.[1];
    const query = incoming.url!.split("?")[1] ?? "";
    if (query.includes("X-Goog-Signature=")) {
      const refusal = refusalOf(incoming, account);
      if (refusal) return say(outgoing, 403, { error: { code: 403, message: refusal, errors: [{ reason: "forbidden" }] } });
    } else if (bearer === undefined || !tokens.has(bearer)) {
      const code = bearer === undefined && incoming.method === "GET" && !url.pathname.startsWith("/storage/v1") ? 403 : 401;
      return say(outgoing, code, { error: { code, message: "no valid token", errors: [{ reason: "authError" }] } });
    }
    pass(incoming, outgoing, target);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}

async function giveToken(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { account, audience, tokens }: { account: VerifiedAccount; audience: string; tokens: Set<string> },
): Promise<void> {
  const form = new URLSearchParams(await text(incoming));
  const [head = "", body = "", signature = ""] = (form.get("assertion") ?? "").split(".");
  const verified = createVerify("RSA-SHA256")
    .update(`${head}.${body}`)
    .verify(createPublicKey(account.publicKey), Buffer.from(signature, "base64url"));
  const claims = JSON.parse(Buffer.from(body || "e30", "base64url").toString());
  const now = Date.now() / 1000;
  const good =
    verified &&
    form.get("grant_type") === "urn:ietf:params:oauth:grant-type:jwt-bearer" &&
    claims.iss === account.clientEmail &&
    claims.aud === audience &&
    claims.iat <= now + 10 &&
    claims.exp > now &&
    claims.exp <= claims.iat + 3600 &&
    String(claims.scope).includes("devstorage");
  if (!good) return say(outgoing, 400, { error: "invalid_grant", error_description: "Invalid JWT Signature." });
  const token = randomBytes(24).toString("base64url");
  tokens.add(token);
  say(outgoing, 200, { access_token: token, expires_in: 3599, token_type: "Bearer" });
}

/** Why a signed URL does not count, or undefined. */
function refusalOf({ method, url, headers }: IncomingMessage, account: VerifiedAccount): string | undefined {
  const [path = "", query = ""] = url!.split("?");
  const pairs = query.split("&").filter((pair) => pair !== "");
  const value = (name: string) =>
    decodeURIComponent(pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "");
  const time = value("X-Goog-Date");
  const [year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time)?.slice(1).map(Number) ?? [];
  const began = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) / 1000;
  const seconds = Number(value("X-Goog-Expires"));
  const scope = `${time.slice(0, 8)}/auto/storage/goog4_request`;
  if (value("X-Goog-Algorithm") !== "GOOG4-RSA-SHA256" || value("X-Goog-SignedHeaders") !== "host") return "not a signed URL";
  if (value("X-Goog-Credential") !== `${account.clientEmail}/${scope}`) return "another account, or another day";
  if (!(seconds > 0 && seconds <= 604_800) || !(began <= Date.now() / 1000 + 900)) return "not a time";
  if (Date.now() / 1000 >= began + seconds) return "expired";
  const signedPairs = pairs.filter((pair) => !pair.startsWith("X-Goog-Signature=")).sort();
  const canonical = `${method}\n${path}\n${signedPairs.join("&")}\nhost:${headers.host}\n\nhost\nUNSIGNED-PAYLOAD`;
  const toSign = `GOOG4-RSA-SHA256\n${time}\n${scope}\n${createHash("sha256").update(canonical).digest("hex")}`;
  const signature = Buffer.from(value("X-Goog-Signature"), "hex");
  return createVerify("RSA-SHA256").update(toSign).verify(createPublicKey(account.publicKey), signature)
    ? undefined
    : "wrong signature";
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, target: URL): void {
  const { authorization: _, ...headers } = incoming.headers;
  const onwards = request(new URL(incoming.url!, target), { method: incoming.method!, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
  });
  onwards.on("error", () => outgoing.destroy());
  incoming.on("close", () => {
    if (!incoming.complete) onwards.destroy();
  });
  incoming.pipe(onwards);
}

function say(outgoing: ServerResponse, status: number, body: unknown): void {
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(body));
}
