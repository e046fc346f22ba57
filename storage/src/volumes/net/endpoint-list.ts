import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup as systemLookup } from "node:dns";
import { type BlockList, isIP } from "node:net";
import { VolumeError } from "../volume-errors.ts";
import { contains, kindOfAddress, networks } from "./addresses.ts";

/** As `dns.lookup`, which is what `net.connect` takes. */
export type Lookup = (
  hostname: string,
  options: LookupOptions,
  done: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/**
 * Where volumes may be, as the operator lists it (volumes.md §6.1). An entry is
 *
 * - a host, `minio.lab` or `minio.lab:9000`: this name, whatever address it has, a private one too;
 * - `*.amazonaws.com`: every name below, at public addresses;
 * - `*`: every name, at public addresses;
 * - a network, `10.1.0.0/16`, or an address, `127.0.0.1` or `127.0.0.1:9000`: everything there, under any name.
 *
 * What no entry allows is refused. Link-local and metadata addresses are refused always. It is the address that a
 * connection is made to that is looked at, at the moment of connecting: what a name meant before says nothing.
 */
export class EndpointList {
  readonly #hosts = new Set<string>();
  readonly #domains: string[] = [];
  readonly #networks: BlockList;
  readonly #lookup: Lookup;

  /** Throws a `TypeError` for an entry that is none of these. */
  constructor(entries: readonly string[], lookup: Lookup = systemLookup as Lookup) {
    const cidrs: string[] = [];
    for (const entry of entries.map((each) => each.trim().toLowerCase())) {
      if (entry === "*") this.#domains.push("");
      else if (/^\*\.[a-z0-9.-]+$/.test(entry)) this.#domains.push(entry.slice(1));
      else if (entry.includes("/") || isIP(entry) !== 0) cidrs.push(entry);
      else if (/^([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/.test(entry)) this.#hosts.add(entry);
      else throw new TypeError(`not a host, a domain or a network: ${JSON.stringify(entry)}`);
    }
    this.#networks = networks(cidrs);
    this.#lookup = lookup;
  }

  /** Whether a connection to this address, under this name, may be made. `host` without brackets. */
  allows(host: string, port: number, address: string): boolean {
    const kind = kindOfAddress(address);
    if (kind === "never") return false;
    const name = host.toLowerCase();
    const written = name.includes(":") ? `[${name}]` : name;
    if (this.#hosts.has(name) || this.#hosts.has(`${written}:${port}`) || contains(this.#networks, address)) return true;
    return kind === "public" && isIP(name) === 0 && this.#domains.some((domain) => name.endsWith(domain));
  }

  /** Throws `AddressRefused` for a host that is an address and not allowed: such a host is never looked up. */
  checkLiteral(host: string, port: number): void {
    if (isIP(host) !== 0 && !this.allows(host, port, host)) throw refusal(host);
  }

  /** A look-up for connections to `port` that fails with `AddressRefused` unless every address of the name is allowed. */
  lookupFor(port: number): Lookup {
    return (host, options, done) => {
      this.#lookup(host, { ...options, all: true }, (error, found) => {
        if (error) return done(error, "");
        const addresses = found as LookupAddress[];
        if (addresses.some(({ address }) => !this.allows(host, port, address))) return done(refusal(host), "");
        if (options.all) return done(null, addresses);
        const [first] = addresses;
        if (first === undefined) return done(Object.assign(new Error("no address"), { code: "ENOTFOUND" }), "");
        done(null, first.address, first.family);
      });
    };
  }
}

function refusal(host: string): VolumeError {
  return new VolumeError("AddressRefused", {
    detail: `${host} is not on the list of endpoints, or has an address that is not allowed`,
  });
}
