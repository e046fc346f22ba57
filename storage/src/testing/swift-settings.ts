import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const SWIFT_KINDS = ["account", "container", "object"] as const;

/** TCP ports on loopback. */
export type SwiftPorts = Record<(typeof SWIFT_KINDS)[number] | "proxy" | "memcached", number>;

/**
 * Writes the settings of a Swift with one disk (a directory), one replica and the S3 face, for tests: V4 signatures
 * are checked, parts may have any size from 1 byte on except the last (AWS wants 5 MiB).
 */
export async function writeSwiftSettings(directory: string, ports: SwiftPorts, user: string): Promise<void> {
  const common = `bind_ip = 127.0.0.1\nworkers = 0\nuser = ${user}\nswift_dir = ${directory}\nlog_level = ERROR\n`;
  await mkdir(join(directory, "disks", "disk1"), { recursive: true });
  await writeFile(join(directory, "swift.conf"), SWIFT);
  await writeFile(
    join(directory, "proxy-server.conf"),
    `[DEFAULT]\nbind_port = ${ports.proxy}\n${common}${proxy(ports.memcached)}`,
  );
  for (const kind of SWIFT_KINDS) {
    const disk = `devices = ${join(directory, "disks")}\nmount_check = false\nfallocate_reserve = 0\n`;
    const pipeline = `[pipeline:main]\npipeline = ${kind}-server\n[app:${kind}-server]\nuse = egg:swift#${kind}\n`;
    await writeFile(join(directory, `${kind}-server.conf`), `[DEFAULT]\nbind_port = ${ports[kind]}\n${common}${disk}${pipeline}`);
  }
}

/** A Python program for Swift's own library: it writes the three rings, which say where things lie. */
export function ringProgram(directory: string, ports: SwiftPorts): string {
  const rings = SWIFT_KINDS.map((kind) => `(${JSON.stringify(kind)}, ${ports[kind]})`).join(", ");
  return `
from swift.common.ring import RingBuilder
for kind, port in [${rings}]:
    builder = RingBuilder(2, 1, 0)
    builder.add_dev(dict(region=1, zone=1, ip="127.0.0.1", port=port, device="disk1", weight=1,
                         replication_ip="127.0.0.1", replication_port=port, meta=""))
    builder.rebalance()
    builder.get_ring().save(${JSON.stringify(directory)} + "/" + kind + ".ring.gz")
`;
}

const SWIFT = `[swift-hash]
swift_hash_path_suffix = causeway
swift_hash_path_prefix = causeway
[storage-policy:0]
name = one
default = yes
`;

const proxy = (memcached: number) => `[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
check_bucket_owner = false
min_segment_size = 1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${memcached}
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
`;
