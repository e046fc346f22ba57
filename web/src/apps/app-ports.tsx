import type { AppView } from "@causeway/contract/client";
import { typeInWords } from "../tasks/draft/types.ts";

/** What an app takes and gives. */
export function AppPorts({ view }: { view: AppView }) {
  return (
    <div className="stack">
      {(["inputs", "outputs"] as const).map((side) => (
        <section key={side} aria-label={side}>
          <h2>{side === "inputs" ? "Inputs" : "Outputs"}</h2>
          {view[side].length === 0 && <p className="muted">None.</p>}
          <dl className="ports">
            {view[side].map((port) => (
              <div key={port.id}>
                <dt>
                  {port.label} <code>{port.id}</code> <span className="chip">{typeInWords(port.type)}</span>
                </dt>
                <dd>
                  {port.doc !== "" && <p className="prose">{port.doc}</p>}
                  {"default" in port && port.default !== null && (
                    <p className="muted">Unless given: {JSON.stringify(port.default)}</p>
                  )}
                  {"formats" in port && port.formats.length > 0 && <p className="muted">Formats: {port.formats.join(", ")}</p>}
                  {"secondary_files" in port && port.secondary_files.length > 0 && (
                    <p className="muted">With files beside it: {port.secondary_files.join(", ")}</p>
                  )}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
