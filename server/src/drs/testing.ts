import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Schema from "typebox/schema";
import type { Answer, World } from "../testing/world.ts";

/** The answers of one version of DRS, as GA4GH describes them (`testdata/README.md`). */
interface Version {
  version: string;
  /** By call and status: the body's JSON Schema, or null. */
  answers: Record<string, Record<string, object | null>>;
  $defs: Record<string, object>;
}

const VERSIONS = ["1.2.0", "1.4.0", "1.5.0"].map(
  (version): Version => JSON.parse(readFileSync(new URL(`testdata/drs-${version}.json`, import.meta.url), "utf8")),
);

/** What any HTTP server may answer beside what the standard foresees; the body is an `Error`, too. */
const ANYWHERE = [405, 409, 415, 429, 503];

/** Where a document says what its own text contradicts: DRS 1.2.0 has the answer of `/access` there. */
const SLIPS = [{ version: "1.2.0", call: "POST /objects/{object_id}", status: 200 }];

/** Says in which version of DRS, and where, the answer of a call is not what GA4GH describes; nothing when it is. */
export function stray(call: string, { status, body }: Answer): string | undefined {
  const about = VERSIONS.filter(({ answers }) => call in answers);
  if (about.length === 0) return `${call} is no call of DRS`;
  for (const { version, answers, $defs } of about) {
    if (SLIPS.some((slip) => slip.version === version && slip.call === call && slip.status === status)) continue;
    const described = answers[call]![status];
    const schema = described ?? (ANYWHERE.includes(status) || described === null ? { $ref: "#/$defs/Error" } : undefined);
    if (schema === undefined) return `DRS ${version}: ${call} does not answer ${status}`;
    const [fits, errors] = Schema.Compile({ ...schema, $defs }).Errors(body);
    if (!fits) return `DRS ${version}: ${call} ${status}: ${errors[0]?.instancePath} ${errors[0]?.message}`;
    if (status >= 400) {
      const { msg, status_code: told } = body as { msg?: unknown; status_code?: unknown };
      if (typeof msg !== "string" || told !== status) return `${call} ${status}: the error has no msg, or another status_code`;
    }
  }
  return undefined;
}

/** Where DRS is. */
export const drsOf = ({ url }: World): string => url.replace(/\/v2$/, "/ga4gh/drs/v1");

/** Sends a request to the DRS service; what it answers is as GA4GH describes it, in every version that has the call. */
export async function drs(
  world: World,
  user: string | null,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  const answer = await world.send(method, user, drsOf(world) + path, body, headers);
  const call = `${method} ${templateOf(path)}`;
  assert.equal(stray(call, answer), undefined, JSON.stringify(answer.body));
  return answer;
}

const templateOf = (path: string): string =>
  path
    .replace(/\?.*/, "")
    .replace(/^\/objects\/(?!access$)[^/]+/, "/objects/{object_id}")
    .replace(/\/access\/[^/]+$/, "/access/{access_id}");
