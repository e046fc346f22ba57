import type { ReactNode } from "react";

export function ErrorNote({ children }: { children: ReactNode }) {
  return (
    <p className="note bad" role="alert">
      {children}
    </p>
  );
}
