// Part of `npm run check`: docs/errors.md has one row for every error of the contract, with its status and message, and
// a condition that raises it; and no row for an error that there is not.
import { readFileSync } from "node:fs";
import { API_ERRORS } from "../contract/src/index.ts";

const DOCUMENT = "docs/errors.md";

const rows = [...readFileSync(DOCUMENT, "utf8").matchAll(/^\| (\d+) \| (\d+) \| (.*) \| (.+) \|$/gm)];
const documented = new Set(rows.map(([, code, status, message]) => `${code} ${status} ${message}`));
const actual = new Set(
  Object.values(API_ERRORS).map(({ code, status, message }) => `${code} ${status} ${message.replaceAll("|", "\\|")}`),
);

const missing = [...actual.difference(documented)].map((error) => `no row for: ${error}`);
const stray = [...documented.difference(actual)].map((error) => `there is no such error: ${error}`);
const twice = documented.size < rows.length ? ["a row is there twice"] : [];
for (const problem of [...missing, ...stray, ...twice]) {
  console.error(`${DOCUMENT}: ${problem}`);
  process.exitCode = 1;
}
