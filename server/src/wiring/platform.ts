import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import type { Logger } from "pino";
import { createLinks } from "../http/links.ts";
import { type CertificateFiles, keepSelfSigned } from "../http/tls/certificates.ts";
import type { Settings } from "../settings.ts";
import { Opened } from "./opened.ts";
import { createServer } from "./server.ts";
import { createServices } from "./services.ts";
import { openStores } from "./stores.ts";
import { startWork } from "./work.ts";

/** Everything of one running platform process. Built once; closed in the opposite order. */
export type Platform = Awaited<ReturnType<typeof createPlatform>>;

/**
 * Builds the platform from its settings: stores, services, routes, work. Nothing listens yet: call `listen`.
 */
export async function createPlatform(settings: Settings, logger: Logger) {
  const opened = new Opened();
  try {
    return await build(settings, logger, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function build(settings: Settings, logger: Logger, opened: Opened) {
  const stores = await openStores(settings, logger, opened);
  const certificate = await certificateFiles(settings);
  const links = createLinks({
    publicUrl: settings.publicUrl,
    host: settings.host,
    port: settings.port,
    scheme: certificate ? "https" : "http",
  });
  const services = await createServices(settings, { logger, links, stores, opened });
  const server = await createServer(settings, { logger, links, certificate, stores, services, opened });
  const { app, calls, metrics, downloads } = server;
  const jobs = await startWork(settings, { logger, stores, services, metrics, opened });
  opened.push(() => downloads.charged());
  // Before the work: requests under way may still add some.
  opened.push(() => app.close());

  return {
    app,
    links,
    db: stores.db,
    calls,
    store: stores.store,
    signed: stores.signed,
    services: { ...services, jobs },
    /** The file of the certificate that was made here and that nobody trusts unless told to. */
    selfSigned: settings.tlsCertificate === SELF_SIGNED ? certificate?.certificate : undefined,
    /** Listens, and answers the public URL without `/v2`. */
    async listen(): Promise<string> {
      const scheme = certificate ? "https" : "http";
      const listenTextResolver = (address: string) => `listening at ${address.replace(/^http/, scheme)}`;
      await app.listen({ host: settings.host, port: settings.port, listenTextResolver });
      links.listeningOn((app.server.address() as AddressInfo).port);
      return links.baseUrl.replace(/\/v2$/, "");
    },
    /** Ends what is under way, or hands it back. Answers whether that was done within `ms`. */
    close: (ms?: number) => opened.close(ms),
  };
}

const SELF_SIGNED = "self-signed";

/** The certificate to serve with; none when the platform speaks http. @throws Error when only one of the two files is named */
async function certificateFiles(settings: Settings): Promise<CertificateFiles | undefined> {
  const { tlsCertificate: certificate, tlsKey: key, host, publicUrl } = settings;
  if (certificate === SELF_SIGNED) {
    const hosts = publicUrl === "" ? [host] : [host, new URL(publicUrl).hostname];
    return keepSelfSigned(resolve(settings.dataDirectory, "tls"), hosts);
  }
  if ((certificate === "") !== (key === ""))
    throw new Error("CAUSEWAY_TLS_CERTIFICATE and CAUSEWAY_TLS_KEY go together: name the files of both.");
  return certificate === "" ? undefined : { certificate, key };
}
