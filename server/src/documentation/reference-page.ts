import { API_ERRORS, type Operation } from "@causeway/contract";
import { escaped, htmlPage, prose } from "./html.ts";

/** A JSON schema as far as a table of keys shows it. */
interface Schema {
  type?: string;
  description?: string;
  enum?: readonly unknown[];
  const?: unknown;
  items?: Schema;
  anyOf?: readonly Schema[];
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
}

/** The reference for people: every call that is served, by group, made from the operations that serve it. */
export function referencePage(operations: readonly Operation[], baseUrl: string, guides: readonly string[]): string {
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  const groups = tags.map((tag) => {
    const calls = operations.filter((operation) => operation.tag === tag).map(callSection);
    return `<h2 id="${tag}">${escaped(tag)}</h2>${calls.join("\n")}`;
  });
  const index = tags.map((tag) => `<a href="#${tag}">${escaped(tag)}</a>`).join(" · ");
  return htmlPage(
    "API reference",
    `<h1>API reference</h1>
<p>Base URL <code>${escaped(baseUrl)}</code>. Every call needs the header <code>X-SBG-Auth-Token</code> unless it says otherwise.
For machines: <a href="/v2/openapi.json">openapi.json</a>. <a href="/docs/api-status-codes">Error codes</a>.</p>
${guides.includes("compatibility") ? `<p><a href="/docs/compatibility">The same, and what differs</a>: every call against the Seven Bridges API.</p>` : ""}
<p>Guides: ${guides.map((guide) => `<a href="/docs/${guide}">${escaped(guide)}</a>`).join(" · ")}</p>
<p>${index}</p>${groups.join("\n")}`,
  );
}

function callSection(operation: Operation): string {
  const { id, method, path, summary, anonymous, list, status } = operation;
  const notes = [
    anonymous ? "Needs no token." : "",
    list ? "A list: takes <code>limit</code>, <code>offset</code> and <code>fields</code>." : "",
    operation.aliases?.length ? `Also at ${operation.aliases.map((alias) => `<code>${escaped(alias)}</code>`).join(", ")}.` : "",
  ];
  const errors = operation.errors.map((kind) => {
    const { code, status: http, message } = API_ERRORS[kind];
    return `<tr><td><a href="/docs/api-status-codes#${code}">${code}</a></td><td>${http}</td><td>${escaped(message)}</td></tr>`;
  });
  return `<details id="${id}"><summary><span class="method">${method}</span> <code>${escaped(path)}</code> ${prose(summary)}</summary>
<p>${notes.filter((note) => note !== "").join(" ")}</p>
${keyTable("Path", operation.params)}${keyTable("Query", operation.query)}${keyTable("Body", operation.body)}
${keyTable(`Answer (${status})`, operation.reply)}
${errors.length > 0 ? `<h4>Errors</h4><table><tbody>${errors.join("")}</tbody></table>` : ""}</details>`;
}

function keyTable(title: string, schema: unknown): string {
  const rows = rowsOf(schema as Schema | undefined);
  return rows === "" ? "" : `<h4>${escaped(title)}</h4><table><tbody>${rows}</tbody></table>`;
}

function rowsOf(schema: Schema | undefined, prefix = ""): string {
  if (!schema) return "";
  const object = schema.properties ? schema : schema.anyOf?.find((member) => member.properties);
  if (!object?.properties)
    return prefix === "" && schema.type ? `<tr><td>${typeOf(schema)}</td><td>${prose(schema.description ?? "")}</td></tr>` : "";
  return Object.entries(object.properties)
    .map(([key, value]) => {
      const need = object.required?.includes(key) ? "" : " <small>optional</small>";
      const row = `<tr><td><code>${escaped(prefix + key)}</code>${need}</td><td>${typeOf(value)}</td><td>${prose(value.description ?? "")}</td></tr>`;
      return row + (value.properties || value.anyOf ? rowsOf(value, `${prefix}${key}.`) : "");
    })
    .join("");
}

function typeOf(schema: Schema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.enum) return schema.enum.map((value) => `<code>${escaped(String(value))}</code>`).join(", ");
  if (schema.const !== undefined) return `<code>${escaped(String(schema.const))}</code>`;
  if (schema.type === "array") return `list of ${schema.items ? typeOf(schema.items) : "anything"}`;
  return escaped(schema.type ?? "anything");
}
