import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { UploadTray } from "../files/upload-tray.tsx";
import { useSession } from "../session/session.ts";
import { UserMenu } from "./user-menu.tsx";

/** The frame around every screen. */
export function Shell({ children }: { children: ReactNode }) {
  const { closed } = useSession();
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(location);
  useEffect(() => {
    // A reader of the screen starts at the top of the new one; a tab of the same screen stays where it is.
    if (before.current.split("/").slice(0, 4).join("/") !== location.split("/").slice(0, 4).join("/")) main.current?.focus();
    before.current = location;
  }, [location]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="top">
        <Link href="/" className="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M4 21c4-9 20-9 24 0M4 25h24M10 25v-7m6 7v-8.500m6 8.500v-7" />
          </svg>
          Causeway
        </Link>
        <nav aria-label="Main">
          <Link href="/" className={(isHere) => (isHere ? "here" : "")}>
            Projects
          </Link>
          <a href="/docs">API and guides</a>
        </nav>
        <UserMenu />
      </header>
      {closed && (
        <p className="banner" role="status">
          The platform is under maintenance: running tasks go on, and nothing can be changed until it opens again.
        </p>
      )}
      <main id="main" tabIndex={-1} ref={main}>
        {children}
      </main>
      <UploadTray />
    </>
  );
}
