import type { Command } from "commander";
import { examples, withSession } from "../command.ts";

/** The keys that the secrets of volumes are encrypted with. */
export function secretCommands(program: Command): void {
  const secrets = program
    .command("secrets")
    .description("the keys that credentials of volumes are encrypted with (administrators)");
  secrets
    .command("rotate")
    .description("encrypt all of them with a new key; of keys in CAUSEWAY_SECRETS_KEY, with the first")
    .addHelpText("after", examples("secrets rotate"))
    .action(
      withSession(async ({ operator, output }) => {
        const rotated = await operator.rotateSecrets();
        const { resealed, retired, keys } = rotated;
        output.show(rotated, () => {
          const done = `${resealed} ${resealed === 1 ? "secret is" : "secrets are"} encrypted with the newest key now.`;
          if (retired === 0) return done;
          const gone = keys === "file" ? "forgotten" : "no longer needed in CAUSEWAY_SECRETS_KEY";
          return `${done} ${retired} ${retired === 1 ? "key is" : "keys are"} ${gone}.`;
        });
      }),
    );
}
