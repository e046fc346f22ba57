import { usePageTitle } from "../layout/page-title.ts";
import { PasswordSection } from "./password-section.tsx";
import { useSession } from "./session.ts";
import { SessionsSection } from "./sessions-section.tsx";
import { TokenSection } from "./token-section.tsx";

/** What belongs to the user: password, sessions, the token of scripts. */
export default function AccountPage() {
  usePageTitle("Account");
  const { user } = useSession();
  return (
    <div className="narrow">
      <h1>{user?.username}</h1>
      <p className="muted">{user?.email}</p>
      <PasswordSection />
      <SessionsSection />
      <TokenSection />
    </div>
  );
}
