import { BlockList, isIP } from "node:net";

/**
 * Addresses that nothing of a user's choice is ever connected to, whatever an operator allows: this host under its
 * unspecified name, link-local networks with the metadata services of the clouds, the metadata services that have other
 * addresses (AWS over IPv6, Alibaba, Azure's wire server, Oracle), multicast and broadcast.
 */
const NEVER = [
  "0.0.0.0/8",
  "169.254.0.0/16",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
  "224.0.0.0/4",
  "255.255.255.255/32",
  "::/128",
  "fe80::/10",
  "fec0::/10",
  "fd00:ec2::/32",
  "fd20:ce::254/128",
  "ff00::/8",
];

/** Addresses that are not of the public internet: this host, private networks, carriers' networks, benchmarks, documentation. */
const PRIVATE = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "240.0.0.0/4",
  "::1/128",
  "fc00::/7",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
];

const never = networks(NEVER);
const nonPublic = networks(PRIVATE);

export type AddressKind = "never" | "private" | "public";

/** Which of the three an IPv4 or IPv6 address is. IPv6 addresses that stand for an IPv4 address count as that. */
export function kindOfAddress(address: string): AddressKind {
  const embedded = embeddedIPv4(address);
  if (embedded !== undefined) return kindOfAddress(embedded);
  if (isIP(address) === 0 || contains(never, address)) return "never";
  return contains(nonPublic, address) ? "private" : "public";
}

/** A list of networks in CIDR notation; an address alone is itself. Throws a `TypeError` for what is neither. */
export function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", length, ...rest] = cidr.split("/");
    const family = isIP(address);
    const bits = length === undefined ? (family === 4 ? 32 : 128) : /^\d{1,3}$/.test(length) ? Number(length) : -1;
    if (family === 0 || rest.length > 0 || bits < 0 || bits > (family === 4 ? 32 : 128)) {
      throw new TypeError(`not a network in CIDR notation: ${JSON.stringify(cidr)}`);
    }
    list.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
  }
  return list;
}

export function contains(list: BlockList, address: string): boolean {
  const plain = embeddedIPv4(address) ?? address.replace(/%.*$/, "");
  const family = isIP(plain);
  return family !== 0 && list.check(plain, family === 4 ? "ipv4" : "ipv6");
}

/** The IPv4 address that an IPv6 address reaches: mapped, compatible, translated (NAT64), 6to4. */
function embeddedIPv4(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const groups = groupsOf(address.replace(/%.*$/, ""));
  const starts = (...prefix: number[]) => prefix.every((group, index) => groups[index] === group);
  const dotted = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join(".");
  const last = dotted(groups[6]!, groups[7]!);
  if (starts(0, 0, 0, 0, 0, 0xffff) || starts(0, 0, 0, 0, 0xffff, 0) || starts(0x64, 0xff9b)) return last;
  if (starts(0, 0, 0, 0, 0, 0) && groups[6] !== 0) return last;
  if (starts(0x2002)) return dotted(groups[1]!, groups[2]!);
  return undefined;
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const tail = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
  const pure = tail ? `${tail[1]}${hex(tail[2]!, tail[3]!)}:${hex(tail[4]!, tail[5]!)}` : address;
  const [front = "", back] = pure.split("::");
  const numbers = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  if (back === undefined) return numbers(front);
  const [before, after] = [numbers(front), numbers(back)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
