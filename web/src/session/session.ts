import type { Session } from "@causeway/contract/client";
import { createContext, useContext } from "react";

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is signed in, below the gate. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("There is no session outside of the gate.");
  return session;
}
