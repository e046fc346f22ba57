import assert from "node:assert/strict";
import { assertLooksRight, stories } from "./browser.ts";

stories((story) => {
  story("an invited user sets a password, comes back with it, and ends a session of another browser", async (desk) => {
    const page = await desk.page(null, "/projects");
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await assertLooksRight(page);

    await page.goto(await desk.platform.link("ana", "password"));
    await page.getByText("Welcome, ana").waitFor();
    await page.getByLabel("New password").fill("short");
    await page.getByRole("button", { name: "Set it and sign in" }).click();
    await page.getByText("at least 10 characters").waitFor();
    await page.getByLabel("New password").fill("correct horse");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Projects" }).waitFor();
    assert.equal(new URL(page.url()).hash, "", "the secret is out of the address");

    const phone = await desk.page(null, "/account", { userAgent: "Mozilla/5.0 (iPhone) Safari/605" });
    await phone.getByLabel("Username").fill("ana");
    await phone.getByLabel("Password").fill("wrong horse");
    await phone.getByRole("button", { name: "Sign in" }).click();
    await phone.getByText("The username or the password is wrong.").waitFor();
    await phone.getByLabel("Password").fill("correct horse");
    await phone.keyboard.press("Enter");
    await phone.getByRole("heading", { name: "ana" }).waitFor();
    assert.equal(new URL(phone.url()).pathname, "/account", "where they wanted to go");

    await page.getByRole("button", { name: "ana" }).click();
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByText("this one").waitFor();
    await assertLooksRight(page);
    await page.getByRole("button", { name: /End the session of Safari on iPhone/ }).click();
    await page.getByRole("button", { name: /End the session/ }).waitFor({ state: "detached" });

    await phone.getByRole("button", { name: "Make a new token" }).click();
    await phone.getByRole("dialog", { name: "Your session has ended" }).waitFor();
    await phone.getByLabel("Password", { exact: true }).last().fill("correct horse");
    await phone.keyboard.press("Enter");
    await phone.getByRole("dialog").waitFor({ state: "detached" });
    await phone.getByRole("button", { name: "Make a new token" }).click();
    const lines = await phone.locator("pre").first().innerText();
    const token = /SB_AUTH_TOKEN=(\w+)/.exec(lines)![1]!;
    const answer = await fetch(`${desk.platform.origin}/v2/user`, { headers: { "x-sbg-auth-token": token } });
    assert.equal(((await answer.json()) as { username: string }).username, "ana");

    await page.getByRole("button", { name: "ana" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.goto(`${desk.platform.origin}/account`);
    await page.getByRole("button", { name: "Sign in" }).waitFor();

    let failed = 0;
    phone.on("requestfailed", () => {
      failed += 1;
    });
    await phone.route("**/web/session", (route) => route.abort());
    await phone.getByLabel("Current password").fill("correct horse");
    await phone.getByLabel("New password").fill("correct horses");
    await phone.getByRole("button", { name: "Change it" }).click();
    await phone.getByText("Your password is set.").waitFor();
    // The client tries five times to learn how the session stands.
    for (const until = Date.now() + 120_000; failed < 5 && Date.now() < until; ) await phone.waitForTimeout(100);
    assert.equal(failed, 5);
    assert.ok(await phone.getByRole("heading", { name: "ana" }).isVisible(), "a line that breaks takes no page away");
  });

  story("a link works once, and leads nowhere but here", async (desk) => {
    const link = await desk.platform.link("ben", "sign-in");
    const page = await desk.page(null, "/sign-in");
    await page.goto(link.replace("/sign-in", "/sign-in?next=//elsewhere.example/steal"));
    await page.getByRole("heading", { name: "Projects" }).waitFor();
    assert.equal(new URL(page.url()).origin, desk.platform.origin);
    const another = await desk.page(null, "/sign-in");
    await another.goto(link);
    await another.reload();
    await another.getByText("The link was opened before").waitFor();
    await assertLooksRight(another);
  });
});
