import { Link } from "wouter";
import { usePageTitle } from "./page-title.ts";

export function NotFound({ what = "page" }: { what?: string }) {
  usePageTitle("Not found");
  return (
    <section className="empty">
      <h1>There is no such {what}</h1>
      <p>It was removed, or you are not a member of its project.</p>
      <p>
        <Link href="/">To your projects</Link>
      </p>
    </section>
  );
}
