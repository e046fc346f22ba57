import type { ReactNode } from "react";
import { Link } from "wouter";

export interface Tab {
  name: string;
  href: string;
  isHere: boolean;
  /** Beside the name: a count. */
  mark?: ReactNode;
}

/** Parts of a screen, each with an address of its own. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ name, href, isHere, mark }) => (
        <Link key={name} href={href} aria-current={isHere ? "page" : undefined} className={isHere ? "here" : ""}>
          {name} {mark !== undefined && <span className="chip">{mark}</span>}
        </Link>
      ))}
    </nav>
  );
}
