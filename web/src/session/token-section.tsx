import { useMutation } from "@tanstack/react-query";
import { reasonOf, web } from "../api/client.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { ErrorNote } from "../parts/error-note.tsx";

/** The token of the user's scripts: made here, shown once, with what to paste. */
export function TokenSection() {
  const { mutate, data, error, isPending } = useMutation({ mutationFn: () => web.renewOwnToken() });
  return (
    <section>
      <h2>Token for scripts</h2>
      <p>
        Scripts and the command line come with a token. A new one ends the old one at once, and is shown this once: the platform
        keeps only a fingerprint of it.
      </p>
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
      <button type="button" onClick={() => mutate()} disabled={isPending}>
        Make a new token
      </button>
      {data && (
        <div role="status">
          {linesFor(`${location.origin}/v2`, data.token).map(([language, lines]) => (
            <figure className="snippet" key={language}>
              <figcaption>
                {language} <CopyButton text={lines} what={`the lines for ${language}`} />
              </figcaption>
              <pre>{lines}</pre>
            </figure>
          ))}
        </div>
      )}
    </section>
  );
}

const linesFor = (url: string, token: string): [string, string][] => [
  [
    "Shell (causeway, sb, curl)",
    `export SB_API_ENDPOINT=${url} SB_AUTH_TOKEN=${token}\ncurl -H "X-SBG-Auth-Token: $SB_AUTH_TOKEN" $SB_API_ENDPOINT/user`,
  ],
  ["Python", `import sevenbridges as sbg\napi = sbg.Api(url="${url}", token="${token}")`],
  ["R", `library(sevenbridges)\na <- Auth(token = "${token}", url = "${url}/")`],
];
