import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";

/** How many are kept: each takes megabytes, and users say which certificates their volumes trust. */
const KEPT = 16;
const contexts = new Map<string, SecureContext>();

/**
 * What trusts the certificates in `ca` beside those of the system; those that were asked for last are kept, because reading
 * the system's takes longer than a connection.
 */
export function trusting(ca: string): SecureContext {
  const context = contexts.get(ca) ?? createSecureContext({ ca: [...getCACertificates("default"), ca] });
  contexts.delete(ca);
  contexts.set(ca, context);
  if (contexts.size > KEPT) contexts.delete(contexts.keys().next().value!);
  return context;
}
