import type { Platform } from "../platform.ts";
import type { Record } from "./record.ts";

/** An answer that says no: recorded already; what the client was about is given up. */
export class Refused extends Error {}

/** One of the clients: a script that does one thing after another, on files and tasks of its own. */
export class Client {
  readonly #platform: Platform;
  readonly #record: Record;
  readonly name: string;
  /** The project that all clients work in, and the app there. */
  readonly project: string;
  readonly app: string;
  /** Ids of the files that it uploaded and has not deleted. */
  readonly files: string[] = [];
  #named = 0;

  constructor(platform: Platform, record: Record, name: string, project: string) {
    this.#platform = platform;
    this.#record = record;
    this.name = name;
    this.project = project;
    this.app = `${project}/echo`;
  }

  newName(): string {
    return `${this.name}-${++this.#named}`;
  }

  /** One call of the API. @throws Refused */
  // biome-ignore lint/suspicious/noExplicitAny: the work says what it expects of an answer.
  async call(kind: string, method: string, path: string, body?: unknown): Promise<any> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { ...this.#platform.headers, "content-type": "application/json" };
    const { bytes } = await this.send(kind, this.#platform.url + path, { method, headers, ...content });
    const text = bytes.toString();
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Any request, such as one for bytes. @throws Refused */
  async send(kind: string, url: string, request: RequestInit): Promise<{ bytes: Buffer; headers: Headers }> {
    const started = performance.now();
    let failure: string;
    try {
      const response = await fetch(url, request);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (response.ok) {
        this.#record.answered(kind, performance.now() - started);
        return { bytes, headers: response.headers };
      }
      failure = `${response.status} ${bytes.toString().slice(0, 200)}`;
    } catch (error) {
      failure = `${error} ${(error as Error).cause ?? ""}`;
    }
    this.#record.failed(kind, failure);
    throw new Refused(failure);
  }

  /** What came back is not what was asked for. @throws Refused */
  refuse(kind: string, why: string): never {
    this.#record.failed(kind, why);
    throw new Refused(why);
  }
}
