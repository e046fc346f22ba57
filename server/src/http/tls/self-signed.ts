import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP, isIPv4 } from "node:net";

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Makes a certificate (X.509 v3, RFC 5280; ECDSA on P-256) that nobody vouches for but itself: clients have to be told to
 * trust it. It is good for `names`, host names and IP addresses, for as many days from a day ago (clocks differ).
 *
 * Our own hundred lines, because the libraries that write certificates bring twenty packages and 9 MB with them. Keys and
 * signatures are Node's; what reads the result in the tests is OpenSSL.
 */
export function makeSelfSigned(names: readonly string[], days: number, now = new Date()): KeyedCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const tbs = toBeSigned(names, publicKey, new Date(now.getTime() - DAY_MS), new Date(now.getTime() + days * DAY_MS));
  const signature = sign("sha256", tbs, privateKey);
  const der = sequence(tbs, ECDSA_WITH_SHA256, bitString(signature));
  const lines = der.toString("base64").match(/.{1,64}/g)!;
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function toBeSigned(names: readonly string[], key: KeyObject, from: Date, until: Date): Buffer {
  const subject = sequence(der(0x31, sequence(identifier(0x55, 4, 3), der(0x0c, Buffer.from(names[0]!.slice(0, 64))))));
  const publicKey = key.export({ type: "spki", format: "der" });
  const keyId = createHash("sha1").update(publicKey).digest();
  return sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(0x01), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    subject,
    sequence(time(from), time(until)),
    subject,
    publicKey,
    der(
      0xa3,
      sequence(
        // subjectAltName
        extension(17, sequence(...names.map(generalName))),
        // basicConstraints: no CA, critical
        extension(19, sequence(), true),
        // subjectKeyIdentifier
        extension(14, der(0x04, keyId)),
        // extendedKeyUsage: serverAuth
        extension(37, sequence(identifier(0x2b, 6, 1, 5, 5, 7, 3, 1))),
      ),
    ),
  );
}

/** One value of ASN.1 in its distinguished encoding (X.690): tag, length, content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, 0x80 | bytes.length, ...bytes), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
/** Positive: its first bit is 0. */
const integer = (bytes: Buffer) => der(0x02, bytes);
const bitString = (bytes: Buffer) => der(0x03, Buffer.concat([Buffer.of(0), bytes]));
/** `first` is 40 × the first arc + the second. All arcs used here are below 128 but those written out. */
const identifier = (first: number, ...arcs: number[]) => der(0x06, Buffer.of(first, ...arcs));
/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = sequence(der(0x06, Buffer.from("2a8648ce3d040302", "hex")));

function extension(arc: number, value: Buffer, critical = false): Buffer {
  const flag = critical ? [der(0x01, Buffer.of(0xff))] : [];
  return sequence(identifier(0x55, 29, arc), ...flag, der(0x04, value));
}

function generalName(name: string): Buffer {
  if (isIP(name) === 0) return der(0x82, Buffer.from(name, "ascii"));
  return der(0x87, isIPv4(name) ? Buffer.from(name.split(".").map(Number)) : ipv6Bytes(name));
}

/** `::1` → 16 bytes; the URL parser writes out what `::` may hide. */
function ipv6Bytes(address: string): Buffer {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
function time(moment: Date): Buffer {
  const digits = `${moment.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
  return moment.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}
