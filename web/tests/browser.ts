import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { type Platform, startPlatform } from "./platform.ts";

const CHROMIUM =
  process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Every wait for something to appear; a busy machine takes its time. */
const PATIENCE_MS = 45_000;

/** A browser at a platform of its own, for the stories of one file. */
export interface Desk {
  readonly platform: Platform;
  /** A page of somebody who signed in with a link (`null`: of nobody), open at `path`. */
  page(username: string | null, path?: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Registers stories that need a browser; without one they are skipped, and say so. */
export function stories(
  tell: (story: (name: string, body: (desk: Desk) => Promise<void>) => void) => void,
  settings: Readonly<Record<string, string>> = {},
): void {
  const skip = CHROMIUM === undefined ? "there is no Chromium: apt-get install chromium, or name one in CHROMIUM" : false;
  let browser: Browser;
  let platform: Platform;
  before(async () => {
    if (skip) return;
    [browser, platform] = await Promise.all([
      chromium.launch({ executablePath: CHROMIUM!, args: FLAGS }),
      startPlatform(settings),
    ]);
  });
  after(async () => {
    if (skip) return;
    await Promise.all([browser.close(), platform.stop()]);
  });
  tell((name, body) =>
    test(name, { skip }, async (context) => {
      const pages = watchedPages(context, () => browser);
      const desk: Desk = {
        platform,
        async page(username, path = "/", options = {}) {
          const page = await pages.open(options);
          if (username === null) await page.goto(platform.origin + path);
          else {
            const link = new URL(await platform.link(username, "sign-in"));
            link.searchParams.set("next", path);
            await page.goto(link.href);
            await page.waitForURL((url) => url.pathname + url.search === path);
          }
          return page;
        },
      };
      await body(desk);
      pages.assertClean();
    }),
  );
}

/** Pages whose complaints fail the story: errors of scripts, and whatever the policy of the pages refused. */
function watchedPages(context: TestContext, browser: () => Browser) {
  const complaints: string[] = [];
  return {
    async open(options: BrowserContextOptions): Promise<Page> {
      const own = await browser().newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: "reduce", ...options });
      own.setDefaultTimeout(PATIENCE_MS);
      context.after(() => own.close());
      const page = await own.newPage();
      await page.addInitScript(() => {
        if (window !== top) return;
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) =>
          console.error(`the policy of our page refused ${effectiveDirective} ${blockedURI} ${sample}`),
        );
      });
      page.on("pageerror", (error) => complaints.push(`error of the page: ${error.message}\n${error.stack}`));
      page.on("console", (message) => {
        // A refused call is logged by the browser, too; stories say themselves which they expect.
        const isCall = /Failed to load resource/.test(message.text());
        // The browser does not say in which frame a policy refused something: in that of a user's page it is there to refuse.
        const isPolicy = /Content Security Policy directive/.test(message.text());
        if (message.type() === "error" && !isCall && !isPolicy) complaints.push(`console: ${message.text()}`);
      });
      return page;
    },
    assertClean: () => assert.deepEqual(complaints, []),
  };
}

/** What axe finds against WCAG 2.2 AA on the page as it is now: nothing. */
async function assertAccessible(page: Page): Promise<void> {
  // As a text for the debugger, not as an element: the policy of the pages allows no script but theirs.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const axe = (window as unknown as { axe: { run(of: Document, options: object): Promise<{ violations: Violation[] }> } }).axe;
    interface Violation {
      id: string;
      help: string;
      nodes: { html: string; failureSummary: string }[];
    }
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await axe.run(document, { runOnly: { type: "tag", values: tags } });
    return violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n${nodes
          .slice(0, 3)
          .map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`)
          .join("\n")}`,
    );
  });
  assert.deepEqual(found, [], page.url());
}

/** The same in the light at a desk, and in the dark at a phone's width, where nothing may stick out. */
export async function assertLooksRight(page: Page): Promise<void> {
  const size = page.viewportSize()!;
  await assertAccessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 375, height: 760 });
  await assertAccessible(page);
  const { inner, scroll } = await page.evaluate(() => ({ inner: innerWidth, scroll: document.documentElement.scrollWidth }));
  assert.ok(scroll <= inner, `${page.url()} sticks out at ${inner} pixels: ${scroll}`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(size);
}

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));

/** A picture for the README, made anew when `CAUSEWAY_PICTURES` is set. */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env.CAUSEWAY_PICTURES !== undefined) await page.screenshot({ path: `${DOCS}${name}.png`, animations: "disabled" });
}
