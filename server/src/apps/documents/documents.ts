import { type CompiledDocument, DocumentError, type Problem } from "@causeway/cwl";
import { unpacked } from "./compiled-form.ts";
import type { Checked, Compiled, Decoded, Presented, Refused } from "./messages.ts";
import { presentedText } from "./presented.ts";
import { type AskedFor, DocumentStopped, DocumentThreads, type ThreadSettings } from "./threads.ts";

/** An upload that was read: what to store, and what is wrong with it. */
export type Received = Decoded & Checked;

/** Smaller documents are shown without the help of a thread: that is done within a few milliseconds. */
const SHOWN_AT_ONCE = 200_000;
export type Documents = ReturnType<typeof createDocuments>;

/** What is done with whole documents. Only the smallest part of it is done by the thread that answers requests. */
export interface DocumentsSettings extends ThreadSettings {
  /** Compiled forms that are kept, in bytes as they come from a thread; in memory they take a few times as much. */
  keptBytes: number;
}

export function createDocuments(settings: DocumentsSettings) {
  const threads = new DocumentThreads(settings);
  const kept = new CompiledForms(settings.keptBytes);
  const underWay = new Map<string, Promise<CompiledDocument>>();

  async function compile(
    asked: AskedFor,
    { text, uri }: { text: string; uri: string },
  ): Promise<{ document: CompiledDocument; bytes: number }> {
    const compiled = (await threads.do(asked, { do: "compile", text, uri }).catch((error) => {
      if (error instanceof DocumentStopped) return { problems: [problemOf(error, uri)] };
      throw error;
    })) as Compiled;
    if ("problems" in compiled) throw new DocumentError(compiled.problems);
    const bytes = compiled.compiled.reduce((sum, piece) => sum + piece.length, 0);
    return { document: (await unpacked(compiled.compiled)) as CompiledDocument, bytes };
  }

  return {
    /**
     * Reads and checks what `user` uploads. What cannot be finished within the limits is stored, and has that for its problem.
     *
     * @throws ApiError `rateLimitExceeded` when too many documents of the user wait
     */
    async receive(
      user: string,
      upload: { bytes: Uint8Array; mediaType: string; uri: string; shortName: string },
    ): Promise<Received | Refused> {
      let decoded: Decoded | undefined;
      // The thread gets the bytes themselves: those of a small body share their memory with others.
      const job = { do: "receive" as const, ...upload, bytes: Uint8Array.from(upload.bytes) };
      try {
        const result = (await threads.do({ user }, job, (found) => (decoded = found))) as Checked | Refused;
        return "refused" in result ? result : { ...decoded!, ...result };
      } catch (error) {
        if (!(error instanceof DocumentStopped)) throw error;
        if (!decoded) return { refused: "badRequest", detail: `The document cannot be read: ${error.message}.` };
        return { ...decoded, errors: [error.message], warnings: [] };
      }
    },

    /**
     * The engine's form of the document under `key`, which names always the same one; `read` gets its text.
     *
     * @throws DocumentError with every problem; ApiError `rateLimitExceeded` as `receive`
     */
    compiled(key: string, asked: AskedFor, read: () => Promise<{ text: string; uri: string }>): Promise<CompiledDocument> {
      const known = kept.get(key);
      if (known) return Promise.resolve(known);
      // With others of the same user alone: nobody waits in the line of somebody who has many.
      const name = JSON.stringify([key, asked]);
      const before = underWay.get(name);
      if (before) return before;
      const compiling = (async () => {
        const { document, bytes } = await compile(asked, await read());
        kept.add(key, document, bytes);
        return document;
      })().finally(() => underWay.delete(name));
      underWay.set(name, compiling);
      return compiling;
    },

    /** The JSON text of a document, or of an app with it, as `user` is shown it. @throws ApiError as `receive` */
    async present(user: string, presented: Presented): Promise<string> {
      if (presented.text.length <= SHOWN_AT_ONCE) return presentedText(presented);
      return (await threads.do({ user }, { do: "present", ...presented })) as string;
    },

    close: () => threads.close(),
  };
}

const problemOf = ({ message }: DocumentStopped, file: string): Problem => ({
  severity: "error",
  file,
  line: 1,
  column: 1,
  path: "",
  message,
});

/** Compiled forms by key, up to so many bytes: the one that was not asked for for the longest time goes first. */
class CompiledForms {
  readonly #atMost: number;
  readonly #forms = new Map<string, { document: CompiledDocument; bytes: number }>();
  #bytes = 0;

  constructor(atMost: number) {
    this.#atMost = atMost;
  }

  get(key: string): CompiledDocument | undefined {
    const found = this.#forms.get(key);
    if (!found) return undefined;
    this.#forms.delete(key);
    this.#forms.set(key, found);
    return found.document;
  }

  add(key: string, document: CompiledDocument, bytes: number): void {
    if (this.#forms.has(key)) return;
    this.#forms.set(key, { document, bytes });
    this.#bytes += bytes;
    for (const [oldest, form] of this.#forms) {
      if (this.#bytes <= this.#atMost) break;
      this.#forms.delete(oldest);
      this.#bytes -= form.bytes;
    }
  }
}
