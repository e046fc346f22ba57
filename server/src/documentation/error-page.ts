import { API_ERRORS } from "@causeway/contract";
import { escaped, htmlPage } from "./html.ts";

/**
 * The page that every error's `more_info` points to: the table of errors with an anchor a code, and on top of it the
 * sentence that the error was sent with. It is built here, so that nothing of the sentence can run as a script.
 */
export function errorPage(detail: string | undefined): string {
  const rows = Object.values(API_ERRORS)
    .toSorted((a, b) => a.code - b.code)
    .map(({ code, status, message }) => `<tr id="${code}"><td>${code}</td><td>${status}</td><td>${escaped(message)}</td></tr>`);
  const sentence = detail === undefined ? "" : `<p class="note">${escaped(detail)}</p>`;
  const head = "<thead><tr><th>Code</th><th>HTTP</th><th>Message</th></tr></thead>";
  return htmlPage("Error codes", `<h1>Error codes</h1>${sentence}<table>${head}<tbody>${rows.join("\n")}</tbody></table>`);
}
