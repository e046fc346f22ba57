/** Builds the absolute URLs of answers, all from the one public base URL and never from a request's Host header. */
export interface Links {
  /** The public URL of the API, ending in `/v2`. */
  readonly baseUrl: string;
  /** The URL of a path below `/v2`, as in `links.to("/projects/ana/reef")`. */
  to(path: string): string;
  /** The URL of a path beside the API, as in `links.beside("/storage/…")`. */
  beside(path: string): string;
  /** Tells on which port the server listens, for links that follow it (no public URL is set). */
  listeningOn(port: number): void;
}

export interface LinksOptions {
  publicUrl: string;
  host: string;
  port: number;
  scheme?: "http" | "https";
}

export function createLinks({ publicUrl, host, port, scheme = "http" }: LinksOptions): Links {
  let origin = publicUrl === "" ? originOf(scheme, host, port) : publicUrl.replace(/\/+$/, "");
  return {
    get baseUrl() {
      return `${origin}/v2`;
    },
    to: (path) => `${origin}/v2${path}`,
    beside: (path) => `${origin}${path}`,
    listeningOn(actual) {
      if (publicUrl === "") origin = originOf(scheme, host, actual);
    },
  };
}

const DEFAULT_PORT = { http: 80, https: 443 };

/** A server that listens everywhere is reached at least from this machine. */
function originOf(scheme: "http" | "https", host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${name}${port === DEFAULT_PORT[scheme] ? "" : `:${port}`}`;
}
