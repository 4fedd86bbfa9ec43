/**
 * Which addresses this node may dial: those of the public internet (IANA's special-purpose registries, RFC 6890), and
 * what the operator's allow-list names. Addresses that carry an IPv4 address (mapped, NAT64) are judged by that one.
 */
import { isIP } from "node:net";

interface Block {
  /** 4 or 16 bytes. */
  bytes: Uint8Array;
  bits: number;
}

const block = (cidr: string): Block => {
  const found = parseBlock(cidr);
  if (found === undefined) throw new Error(`${cidr} is no CIDR`);
  return found;
};

const REFUSED: readonly (readonly [why: string, ...cidrs: string[]])[] = [
  ["unspecified", "0.0.0.0/8"],
  ["loopback", "127.0.0.0/8"],
  ["private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
  ["link-local (cloud metadata lives there)", "169.254.0.0/16"],
  ["shared by carriers (CGNAT)", "100.64.0.0/10"],
  // Azure's metadata and agents answer at this otherwise public address, on every machine of theirs.
  ["cloud metadata", "168.63.129.16/32"],
  ["reserved for protocols", "192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16"],
  ["for documentation", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"],
  ["for benchmarks", "198.18.0.0/15"],
  ["multicast", "224.0.0.0/4"],
  ["reserved", "240.0.0.0/4"],
];
const REFUSED_BLOCKS = REFUSED.flatMap(([why, ...cidrs]) => cidrs.map((cidr) => ({ why, block: block(cidr) })));

// Of IPv6 only global unicast space has been handed out; loopback, link-local, unique local and multicast lie outside.
const GLOBAL_UNICAST = block("2000::/3");
const IPV6_NAMES: readonly (readonly [why: string, cidr: Block])[] = [
  ["unspecified", block("::/128")],
  ["loopback", block("::1/128")],
  ["link-local", block("fe80::/10")],
  ["private (unique local)", block("fc00::/7")],
  ["multicast", block("ff00::/8")],
];
/** The last four bytes of these are an IPv4 address: RFC 4291 §2.5.5.2 (mapped), RFC 6052 §2.1 (NAT64). */
const CARRIERS = [block("::ffff:0:0/96"), block("64:ff9b::/96")];

/** "::ffff:127.0.0.1" -> "loopback"; undefined for an address of the public internet. What is no address is refused too. */
export function whyRefused(address: string): string | undefined {
  const bytes = bytesOf(address);
  if (bytes === undefined) return "no address";
  const inner = carried(bytes);
  const refused = REFUSED_BLOCKS.find((one) => contains(one.block, inner));
  if (refused !== undefined) return refused.why;
  if (inner.length === 4 || contains(GLOBAL_UNICAST, inner)) return undefined;
  return IPV6_NAMES.find(([, cidr]) => contains(cidr, inner))?.[0] ?? "not of the public internet";
}

/** What an operator lets in although it is not public. */
export interface AllowList {
  /** True when this host (as in a URL: lower case, IPv6 in brackets) and port were named: whatever they resolve to. */
  admitsHost(hostname: string, port: number): boolean;
  /** True when a CIDR holds this address, at any port. */
  admitsAddress(address: string): boolean;
}

/**
 * Reads entries like "intranet.example:443", "[::1]:8080", "10.1.0.0/16" and "127.0.0.2" (one address, any port).
 * Throws an Error that names a wrong one.
 */
export function createAllowList(entries: readonly string[]): AllowList {
  const hosts = new Set<string>();
  const blocks: Block[] = [];
  for (const entry of entries) {
    const found = parseBlock(isIP(entry) === 0 ? entry : `${entry}/${isIP(entry) === 4 ? 32 : 128}`);
    if (found !== undefined) blocks.push(found);
    else hosts.add(hostAndPort(entry));
  }
  return {
    admitsHost: (hostname, port) => hosts.has(`${withoutDot(hostname)}:${port}`),
    admitsAddress(address) {
      const bytes = bytesOf(address);
      return bytes !== undefined && blocks.some((one) => contains(one, bytes) || contains(one, carried(bytes)));
    },
  };
}

/** "LocalHost.:80" -> "localhost:80", in the spelling that a URL gives it. */
function hostAndPort(entry: string): string {
  const [, host, port] = /^(\[[\da-fA-F:.]+\]|[^\s:/@?#]+):(\d{1,5})$/.exec(entry) ?? [];
  const url = URL.parse(`http://${host}`);
  if (host === undefined || url === null || Number(port) < 1 || Number(port) > 65_535) {
    throw new Error(`${JSON.stringify(entry)} is no entry of an allow-list: expected HOST:PORT, an address, or ADDRESS/BITS.`);
  }
  return `${withoutDot(url.hostname)}:${Number(port)}`;
}

const withoutDot = (hostname: string) => hostname.replace(/\.$/, "");

function parseBlock(cidr: string): Block | undefined {
  const [, address, bits] = /^([\da-fA-F.:]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const bytes = address === undefined ? undefined : bytesOf(address);
  return bytes === undefined || Number(bits) > bytes.length * 8 ? undefined : { bytes, bits: Number(bits) };
}

function contains({ bytes, bits }: Block, address: Uint8Array): boolean {
  if (bytes.length !== address.length) return false;
  const whole = bits >> 3;
  for (let at = 0; at < whole; at++) if (bytes[at] !== address[at]) return false;
  const rest = 8 - (bits & 7);
  return rest === 8 || bytes[whole]! >> rest === address[whole]! >> rest;
}

function carried(bytes: Uint8Array): Uint8Array {
  return CARRIERS.some((carrier) => contains(carrier, bytes)) ? bytes.subarray(12) : bytes;
}

/** 4 bytes of "192.0.2.1", 16 of "2001:db8::1" (a zone like %eth0 is left out); undefined for anything else. */
function bytesOf(address: string): Uint8Array | undefined {
  const [text] = address.split("%", 1);
  const family = isIP(text!);
  if (family === 0) return undefined;
  if (family === 4) return Uint8Array.from(text!.split("."), Number);
  const dotted = text!.lastIndexOf(".") === -1 ? undefined : text!.slice(text!.lastIndexOf(":") + 1);
  const last = dotted?.split(".").map(Number) ?? [];
  const hex = dotted === undefined ? text! : `${text!.slice(0, -dotted.length)}${word(last[0]!, last[1]!)}:${word(last[2]!, last[3]!)}`;
  const [head, tail] = hex.split("::", 2).map((half) => (half === "" ? [] : half.split(":")));
  const words = tail === undefined ? head! : [...head!, ...Array<string>(8 - head!.length - tail.length).fill("0"), ...tail];
  return Uint8Array.from(words.flatMap((one) => [Number.parseInt(one, 16) >> 8, Number.parseInt(one, 16) & 255]));
}

const word = (high: number, low: number) => ((high << 8) | low).toString(16);
