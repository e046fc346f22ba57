import { X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { type KeyedCertificate, makeSelfSigned } from "./self-signed.ts";

/** Where a certificate (its chain after it) and its key are: PEM files. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

const SELF_SIGNED_DAYS = 397;
const RENEW_BEFORE_MS = 30 * 24 * 60 * 60 * 1000;

/** Reads a certificate with its key. @throws Error saying which file, when one cannot be read or they are no pair */
export async function readCertificate({ certificate, key }: CertificateFiles): Promise<KeyedCertificate> {
  const pair = { cert: await readFile(certificate, "utf8"), key: await readFile(key, "utf8") };
  try {
    createSecureContext(pair);
  } catch (cause) {
    throw new Error(`${certificate} and ${key} are no certificate with its key: ${(cause as Error).message}`, { cause });
  }
  return pair;
}

/**
 * The files of a self-signed certificate in `directory`, which is made when there is none, when it ends within a month,
 * or when it is not good for all of `hosts`. It is good for this machine's name and its own addresses, too.
 */
export async function keepSelfSigned(directory: string, hosts: readonly string[]): Promise<CertificateFiles> {
  const files = { certificate: join(directory, "certificate.pem"), key: join(directory, "key.pem") };
  const known = hosts.filter((host) => host !== "0.0.0.0" && host !== "::");
  const names = [...new Set([...known, "localhost", "127.0.0.1", "::1", hostname()])];
  if (await isGoodFor(files, names)) return files;
  const { cert, key } = makeSelfSigned(names, SELF_SIGNED_DAYS);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // The key first: a certificate whose key is lost in between is no pair with it, and both are made again.
  for (const [path, text, mode] of [[files.key, key, 0o600] as const, [files.certificate, cert, 0o644] as const]) {
    await writeFile(`${path}.new`, text, { mode, flush: true });
    await rename(`${path}.new`, path);
  }
  return files;
}

async function isGoodFor(files: CertificateFiles, names: readonly string[]): Promise<boolean> {
  try {
    const certificate = new X509Certificate((await readCertificate(files)).cert);
    if (certificate.validToDate.getTime() < Date.now() + RENEW_BEFORE_MS) return false;
    return names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined);
  } catch {
    // None yet, or none that can be used: then it is made.
    return false;
  }
}
