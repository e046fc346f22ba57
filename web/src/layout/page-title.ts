import { useEffect } from "react";

/** What the tab of the browser says. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? "Causeway" : `${title} - Causeway`;
  }, [title]);
}
