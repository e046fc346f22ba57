import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { type Client, createClient, createOperatorClient, type OperatorClient } from "@causeway/contract/client";
import { createOutput, type Output } from "../output/output.ts";
import { createPlainFetch } from "./plain-fetch.ts";
import { findProfile, type ProfileOptions } from "./profile.ts";

/** What every command that talks to a platform has. */
export interface Session {
  readonly url: string;
  readonly token: string | undefined;
  readonly client: Client;
  readonly operator: OperatorClient;
  readonly output: Output;
}

export function openSession(options: ProfileOptions & { json?: boolean }): Session {
  const { url, token, certificate } = findProfile(options);
  if (certificate !== undefined) setDefaultCACertificates([...getCACertificates(), readFileSync(certificate, "utf8")]);
  return sessionAt(url, token, createOutput(options.json === true));
}

export function sessionAt(url: string, token: string | undefined, output: Output): Session {
  const fetch = createPlainFetch();
  // Requests side by side are told to wait together: once is enough.
  let toldUntil = 0;
  const onRateLimit = (milliseconds: number) => {
    if (Date.now() < toldUntil) return;
    toldUntil = Date.now() + milliseconds;
    output.note(`The platform takes no more requests for now (rate limit); going on in ${Math.ceil(milliseconds / 1000)} s.`);
  };
  const own = token === undefined ? {} : { token };
  const client = createClient({ baseUrl: url, ...own, waitForRateLimit: true, onRateLimit, fetch });
  const operator = createOperatorClient({ baseUrl: url, ...own, fetch });
  return { url, token, client, operator, output };
}
