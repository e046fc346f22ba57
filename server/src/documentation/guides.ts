import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Marked } from "marked";
import { htmlPage } from "./html.ts";

/** The pages that people read in the repository. */
const FOLDER = fileURLToPath(new URL("../../../docs/", import.meta.url));

/** The names of the guides: `compatibility`, `operating`, …; each is served at `/docs/<name>`. */
export const guideNames = (): string[] => globSync("*.md", { cwd: FOLDER }).map((file) => basename(file, ".md"));

/**
 * A guide as a page. Its links to other guides lead to their pages; what else of the repository it links to is not served,
 * and stays as text.
 */
export function guidePage(name: string, names: readonly string[]): string {
  const markdown = readFileSync(join(FOLDER, `${name}.md`), "utf8");
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        const [page = "", anchor] = href.split("#") as [string, string?];
        const guide = basename(page, ".md");
        if (/^https?:/.test(href) || page === "") return `<a href="${href}">${text}</a>`;
        return names.includes(guide) && page === `${guide}.md`
          ? `<a href="/docs/${guide}${anchor === undefined ? "" : `#${anchor}`}">${text}</a>`
          : text;
      },
    },
  });
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? name;
  return htmlPage(title, `<p><a href="/docs">API reference</a></p>${marked.parse(markdown, { async: false })}`);
}

/** The anchor of a heading, as it is on the usual hosts of repositories. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
